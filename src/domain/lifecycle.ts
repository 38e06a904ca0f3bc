import { apiErrors, SyncApiError } from './errors.ts';
import { busyStatuses, type Profile, type ProfileState, type SyncStatus } from './profile.ts';

/** What a client may ask of a profile, apart from reading it. */
export type ProfileAction = 'update' | 'delete' | 'getUploadUrl' | 'start';

/** In which states an action is legal, and how a refusal is told. */
const legality: Readonly<
	Record<ProfileAction, { states: readonly ProfileState[]; verb: string; code: 'Conflict' | 'BadRequest' }>
> = {
	update: { states: ['provisioned', 'provisioningFailed'], verb: 'update', code: 'Conflict' },
	delete: {
		states: ['provisioning', 'provisioned', 'provisioningFailed', 'deleting', 'deletionFailed'],
		verb: 'delete',
		code: 'Conflict',
	},
	getUploadUrl: { states: ['provisioned'], verb: 'get an upload URL for', code: 'Conflict' },
	// Only for a profile that is not there yet does the contract say 400.
	start: { states: ['provisioned'], verb: 'start', code: 'BadRequest' },
};

/** Throws `SyncApiError` if the profile's state forbids the action; the message names both states. */
export function requireState(profile: Profile, action: ProfileAction): void {
	const { states, verb, code } = legality[action];
	if (states.includes(profile.state)) return;
	const wanted = states.map((state) => `"${state}"`).join(' or ');
	const isLeaving = profile.state === 'deleting' || profile.state === 'deletionFailed';
	throw new SyncApiError(
		isLeaving ? 'Conflict' : code,
		`Cannot ${verb} profile "${profile.id}": its state is "${profile.state}", and it must be ${wanted}.`,
	);
}

/** A claim whose holder died lets go by itself. */
export function hasLiveClaim({ claim }: Profile, now: Date): boolean {
	return claim !== undefined && new Date(claim.until).getTime() > now.getTime();
}

/** The status as clients see it: a profile whose files are being verified is `validating`. */
export function effectiveStatus(profile: Profile, now: Date): SyncStatus {
	if (hasLiveClaim(profile, now) && profile.status !== 'inProgress') return 'validating';
	if (isExpired(profile, now) && !busyStatuses.has(profile.status)) return 'paused';
	return profile.status;
}

export function isBusy(profile: Profile, now: Date): boolean {
	return busyStatuses.has(effectiveStatus(profile, now));
}

/** Throws `SyncApiError` (409) while a run, or a verification, is under way. */
export function requireIdle(profile: Profile, verb: string, now: Date): void {
	if (!isBusy(profile, now)) return;
	throw apiErrors.wrongState(verb, profile.id, {
		property: 'status',
		present: effectiveStatus(profile, now),
		wanted: 'idle. Wait until the running sync has finished',
	});
}

/** On its expiration date (UTC) a profile ceases to sync. */
export function isExpired({ expirationDate }: Profile, now: Date): boolean {
	return expirationDate !== undefined && now.toISOString().slice(0, 10) >= expirationDate;
}

/** Throws `SyncApiError` unless a sync may be started now. */
export function requireStartable(profile: Profile, now: Date): void {
	requireState(profile, 'start');
	if (isExpired(profile, now)) {
		throw new SyncApiError(
			'Conflict',
			`Cannot start profile "${profile.id}": it expired on ${profile.expirationDate}. Set a later expirationDate first.`,
		);
	}
	requireIdle(profile, 'start', now);
}
