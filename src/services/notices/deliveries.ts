import type { SendResult } from '../../domain/notices/delivery.ts';
import { isWanted, type Notice } from '../../domain/notices/notice.ts';
import { secretBytes, signedHeaders } from '../../domain/notices/signature.ts';
import type { NoticeTrouble } from '../../domain/profile.ts';
import type { Clock, Events, NoticeSender, ProfileRef, ProfileStore, SecretStore } from '../../ports.ts';
import { changeProfile } from '../sync/profile-changes.ts';

export interface DeliveryDeps {
	profiles: ProfileStore;
	secrets: SecretStore;
	sender: NoticeSender;
	events: Events;
	clock: Clock;
}

const gone = 410;
const isTaken = (status: number) => status >= 200 && status < 300;

/**
 * Sends a notice to where the profile wants it now. It may be delivered and sent again all the same, under the same id. A receiver that
 * is gone for good (410) gets no more of them, and the profile says so.
 */
export async function sendNotice(deps: DeliveryDeps, notice: Notice): Promise<SendResult> {
	const ref: ProfileRef = { tenantId: notice.tenantId, profileId: notice.profileId };
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	const notifications = profile?.state === 'deleting' ? undefined : profile?.notifications;
	if (!profile || !notifications || profile.noticeTrouble?.state === 'stopped') return 'done';
	if (!isWanted(notifications, notice.type)) return 'done';
	const secret = secretBytes((await deps.secrets.get({ ...ref, name: 'notifications' })) ?? '');
	// Nobody could tell it from a forged one.
	if (!secret) return 'again';
	const headers = signedHeaders(notice, secret, deps.clock.now());
	const status = await deps.sender.post({ url: notifications.url, headers, body: notice.body });
	if (status === gone) {
		await note(deps, ref, { state: 'stopped', url: notifications.url });
		return 'done';
	}
	if (status === undefined || !isTaken(status)) return 'again';
	if (profile.noticeTrouble) await note(deps, ref, { state: undefined, url: notifications.url });
	return 'done';
}

/** After the last attempt. */
export async function giveUpNotice(deps: DeliveryDeps, { tenantId, profileId }: Notice): Promise<void> {
	const profile = (await deps.profiles.get(tenantId, profileId))?.profile;
	if (profile?.notifications)
		await note(deps, { tenantId, profileId }, { state: 'failing', url: profile.notifications.url });
}

interface Noted {
	/** Absent where all is well again. */
	state: NoticeTrouble['state'] | undefined;
	/** Of which this is known: the profile may have another one by now. */
	url: string;
}

async function note(deps: DeliveryDeps, ref: ProfileRef, { state, url }: Noted): Promise<void> {
	const since = deps.clock.now().toISOString();
	await changeProfile(deps.profiles, ref, (profile) => {
		const { noticeTrouble, ...rest } = profile;
		if (profile.notifications?.url !== url || noticeTrouble?.state === state) return undefined;
		return state === undefined ? rest : { ...rest, noticeTrouble: { state, since } };
	});
	if (state === 'failing') deps.events.happened({ name: 'notice.deliveryFailed', ...ref });
	if (state === 'stopped') deps.events.happened({ name: 'notices.stopped', ...ref });
}
