import { SyncApiError } from '../../domain/errors.ts';
import type { SyncEvent } from '../../domain/events.ts';
import { isExpired } from '../../domain/lifecycle.ts';
import type { Profile } from '../../domain/profile.ts';
import { type DueReason, dueBy, type Notice, nextLook } from '../../domain/schedule/due-work.ts';
import type { ProfileRef } from '../../ports.ts';
import type { DropService } from '../intake/drops.ts';
import type { LifecycleService } from '../lifecycle.ts';
import { healRun } from '../runs/heal-run.ts';
import type { LaunchDeps } from '../runs/run-launch.ts';
import { changeProfile } from '../sync/profile-changes.ts';

export type ProfileWorkDeps = LaunchDeps & { drops: DropService; lifecycle: LifecycleService };

/** Whoever tells something is done, or dead, by then. */
const tellingMs = 10 * 60_000;
/** What could not be done, since somebody else is busy with the profile, is tried again. */
const againMs = 5 * 60_000;

const minutesPerDay = 24 * 60;

/** Each does what is due, if it still is, and may be repeated. */
const handlers: Readonly<Record<DueReason, (deps: ProfileWorkDeps, ref: ProfileRef) => Promise<void>>> = {
	provisioning: (deps, ref) => askAgain(deps, ref, { reason: 'provisioning', ask: deps.orchestrations.provision }),
	removal: (deps, ref) => askAgain(deps, ref, { reason: 'removal', ask: deps.orchestrations.remove }),
	watch: healRun,
	uploads: startWaiting,
	enrollments: (deps, ref) => syncAgain(deps, ref, 'enrollments'),
	retry: (deps, ref) => syncAgain(deps, ref, 'retry'),
	expiryNotice: (deps, ref) => tell(deps, ref, 'expiryNotice'),
	expiry: (deps, ref) => tell(deps, ref, 'expiry'),
	heldReminder: (deps, ref) => tell(deps, ref, 'heldReminder'),
};

/** Does what a profile asks for by now. Answers when somebody must look at it again; undefined: not until it changes. */
export async function doProfileWork(deps: ProfileWorkDeps, ref: ProfileRef): Promise<Date | undefined> {
	const before = await current(deps, ref);
	for (const reason of before ? dueBy(before, deps.clock.now()) : []) await handlers[reason](deps, ref);
	const after = await current(deps, ref);
	const now = deps.clock.now();
	const next = after && nextLook(after, now);
	return next && next <= now ? new Date(now.getTime() + againMs) : next;
}

const current = async ({ profiles }: ProfileWorkDeps, ref: ProfileRef) =>
	(await profiles.get(ref.tenantId, ref.profileId))?.profile;

/** Changes the profile if the thing is due; answers it, or undefined if it is not. */
async function changeIfDue(
	deps: ProfileWorkDeps,
	ref: ProfileRef,
	{ reason, edit }: { reason: DueReason; edit: (profile: Profile, now: Date) => Profile | undefined },
): Promise<Profile | undefined> {
	let changed: Profile | undefined;
	await changeProfile(deps.profiles, ref, (profile) => {
		const now = deps.clock.now();
		changed = dueBy(profile, now).includes(reason) ? edit(profile, now) : undefined;
		return changed;
	});
	return changed;
}

/** The next time counts from now on: if this one is lost too. */
async function askAgain(
	deps: ProfileWorkDeps,
	ref: ProfileRef,
	{ reason, ask }: { reason: 'provisioning' | 'removal'; ask: (ref: ProfileRef) => Promise<void> },
): Promise<void> {
	const edit = (profile: Profile, now: Date) => ({ ...profile, stateSince: now.toISOString() });
	if (await changeIfDue(deps, ref, { reason, edit })) await ask(ref);
}

/** Under the claim of a run that is made ready, only one of several finds it due. */
async function syncAgain(deps: ProfileWorkDeps, ref: ProfileRef, reason: 'enrollments' | 'retry'): Promise<void> {
	const isWanted = (profile: Profile) => dueBy(profile, deps.clock.now()).includes(reason);
	await unlessRefused(() => deps.lifecycle.syncAgain(ref, isWanted));
}

/** Whoever is busy with the profile, or has changed or removed it meanwhile, comes first. */
async function unlessRefused(work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} catch (error) {
		if (!(error instanceof SyncApiError) || error.code === 'ServiceUnavailable') throw error;
	}
}

async function startWaiting(deps: ProfileWorkDeps, ref: ProfileRef): Promise<void> {
	const waiting = (await current(deps, ref))?.waitingUploads;
	if (!waiting) return;
	const { waitMs } = await deps.drops.settle(ref, waiting.setId);
	if (waitMs !== undefined) return;
	// It runs, or the files are others by now and have an event of their own.
	await changeProfile(deps.profiles, ref, ({ waitingUploads, ...profile }) =>
		waitingUploads?.since === waiting.since ? profile : undefined,
	);
}

/** Once in three steps: somebody says that they will, does, and says that they have. A crash between the last two tells it twice. */
async function tell(deps: ProfileWorkDeps, ref: ProfileRef, notice: Notice): Promise<void> {
	const edit = (profile: Profile, now: Date): Profile | undefined => {
		const { telling } = profile;
		if (telling && Date.parse(telling.until) > now.getTime()) return undefined;
		const until = new Date(now.getTime() + tellingMs).toISOString();
		return { ...profile, telling: { notice, at: now.toISOString(), until } };
	};
	const profile = await changeIfDue(deps, ref, { reason: notice, edit });
	const at = profile?.telling?.at;
	if (!profile || !at) return;
	const event = eventOf(profile, notice, new Date(at));
	if (event) deps.events.happened(event);
	await changeProfile(deps.profiles, ref, ({ telling, ...told }) =>
		telling?.at === at && telling.notice === notice ? { ...told, told: { ...told.told, [notice]: at } } : undefined,
	);
}

function eventOf(profile: Profile, notice: Notice, now: Date): SyncEvent | undefined {
	const { id: profileId, tenantId, expirationDate = '', latestRunId: runId, lastEnd, lastActivityDateTime } = profile;
	const ref = { tenantId, profileId };
	switch (notice) {
		case 'expiryNotice':
			// What nobody was told in time, the next event says.
			if (isExpired(profile, now)) return undefined;
			return { name: 'profile.expiring', ...ref, days: Math.ceil(daysFrom(now, Date.parse(expirationDate))) };
		case 'expiry':
			return { name: 'profile.expired', ...ref };
		case 'heldReminder': {
			const since = Date.parse(lastEnd?.finishedDateTime ?? lastActivityDateTime ?? '');
			const days = Math.floor(-daysFrom(now, since));
			return { name: 'holds.waiting', ...ref, ...(runId ? { runId } : {}), days };
		}
	}
}

const daysFrom = (now: Date, time: number) => (time - now.getTime()) / (minutesPerDay * 60_000);
