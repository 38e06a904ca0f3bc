import { SyncApiError } from './errors.ts';
import { busyStatuses, type Profile, type ProfileState, type SyncStatus } from './profile.ts';

/** What a client may ask of a profile, apart from reading it. */
export type ProfileAction = 'update' | 'delete' | 'getUploadUrl' | 'start' | 'pause' | 'resume' | 'reset';

interface Legality {
	verb: string;
	/** States in which the action is legal. */
	states: readonly ProfileState[];
	/** Of a refusal while the profile is not there yet. */
	code: 'Conflict' | 'BadRequest';
	/** Whether it is legal while a verification or a run is under way. */
	whileBusy: boolean;
	/** Whether it is legal on and after the expiration date. */
	afterExpiry: boolean;
}

/** The legality matrix. https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta */
const legality: Readonly<Record<ProfileAction, Legality>> = {
	update: {
		verb: 'update',
		states: ['provisioned', 'provisioningFailed'],
		code: 'Conflict',
		whileBusy: true,
		afterExpiry: true,
	},
	delete: {
		verb: 'delete',
		states: ['provisioning', 'provisioned', 'provisioningFailed', 'deleting', 'deletionFailed'],
		code: 'Conflict',
		whileBusy: true,
		afterExpiry: true,
	},
	getUploadUrl: {
		verb: 'get an upload URL for',
		states: ['provisioned'],
		code: 'Conflict',
		whileBusy: false,
		afterExpiry: true,
	},
	// Only for a start of a profile that is not there yet does the contract say 400.
	start: { verb: 'start', states: ['provisioned'], code: 'BadRequest', whileBusy: false, afterExpiry: false },
	pause: { verb: 'pause', states: ['provisioned'], code: 'Conflict', whileBusy: true, afterExpiry: true },
	resume: { verb: 'resume', states: ['provisioned'], code: 'Conflict', whileBusy: true, afterExpiry: false },
	reset: { verb: 'reset', states: ['provisioned'], code: 'Conflict', whileBusy: true, afterExpiry: false },
};

/** Which state may follow which; staying is always legal. */
export const stateTransitions: Readonly<Record<ProfileState, readonly ProfileState[]>> = {
	provisioning: ['provisioned', 'provisioningFailed', 'deleting'],
	provisioned: ['provisioning', 'deleting'],
	provisioningFailed: ['provisioning', 'deleting'],
	deleting: ['deletionFailed'],
	deletionFailed: ['deleting'],
};

/**
 * Which stored status may follow which; staying is always legal. Paused by a call, expired, and `validating` are not stored but
 * shown, see `effectiveStatus`.
 */
export const statusTransitions: Readonly<Record<SyncStatus, readonly SyncStatus[]>> = {
	paused: ['inProgress', 'validationError'],
	inProgress: ['success', 'error', 'validationError', 'quarantined', 'paused'],
	success: ['inProgress', 'validationError', 'paused'],
	error: ['inProgress', 'validationError', 'paused'],
	validationError: ['inProgress', 'paused'],
	quarantined: ['inProgress', 'validationError', 'paused', 'success', 'error'],
	extracting: [],
	validating: [],
};

/** Throws if a profile would go where the tables do not lead: a fault of ours, and better found than stored. */
export function requireTransition(from: Profile, to: Profile): void {
	const isLegal =
		(from.state === to.state || stateTransitions[from.state].includes(to.state)) &&
		(from.status === to.status || statusTransitions[from.status].includes(to.status));
	if (isLegal) return;
	throw new Error(
		`Cannot change profile "${from.id}" from ${from.state}/${from.status} to ${to.state}/${to.status}: no such transition.`,
	);
}

/** Throws `SyncApiError` if the profile's state, status or date forbids the action; the message says what is needed. */
export function requireLegal(profile: Profile, action: ProfileAction, now: Date): void {
	const { states, verb, code, whileBusy, afterExpiry } = legality[action];
	const refuse = (refusal: typeof code, because: string) => {
		throw new SyncApiError(refusal, `Cannot ${verb} profile "${profile.id}": ${because}`);
	};
	if (!states.includes(profile.state)) {
		const isLeaving = profile.state === 'deleting' || profile.state === 'deletionFailed';
		const wanted = states.map((state) => `"${state}"`).join(' or ');
		refuse(isLeaving ? 'Conflict' : code, `its state is "${profile.state}", and it must be ${wanted}.`);
	}
	if (!afterExpiry && isExpired(profile, now)) {
		refuse('Conflict', `it expired on ${profile.expirationDate}. Set a later expirationDate first.`);
	}
	if (!whileBusy && isBusy(profile, now)) {
		const status = effectiveStatus(profile, now);
		refuse('Conflict', `its status is "${status}", and it must be idle. Wait until the running sync has finished.`);
	}
}

/** No claim is made for longer than that, however far the clocks of instances are apart: one that is was made by a wrong clock. */
const longestClaimMs = 5 * 60_000;

/** A claim whose holder died lets go by itself, also when the clock was set back since. */
export function hasLiveClaim({ claim }: Profile, now: Date): boolean {
	if (claim === undefined) return false;
	const leftMs = new Date(claim.until).getTime() - now.getTime();
	return leftMs > 0 && leftMs <= longestClaimMs;
}

/** How the sync of a profile stands: whether an orchestration carries it. */
export type SyncState = 'none' | 'running' | 'suspended';

/**
 * What a resume comes to. `runOn`: the suspended run goes on. `skipFaulty`: the refused uploads are started without their faulty
 * rows. `startAnew`: what waits is synced, uploads first, then the last accepted files. `nothing`: it is under way, or nothing was
 * paused.
 */
export type ResumeStep = 'nothing' | 'runOn' | 'skipFaulty' | 'startAnew';

/**
 * The first of these that applies. A suspended run comes before everything that a client may have tried while it stood still: a
 * mistaken start that was refused must not keep half a roster from being finished.
 */
const resumeSteps: readonly { step: ResumeStep; applies: (profile: Profile, sync: SyncState, now: Date) => boolean }[] =
	[
		{ step: 'nothing', applies: (profile, sync, now) => sync === 'running' || hasLiveClaim(profile, now) },
		{ step: 'runOn', applies: (_, sync) => sync === 'suspended' },
		{ step: 'skipFaulty', applies: ({ status }) => status === 'validationError' },
		{
			step: 'startAnew',
			applies: ({ status, pausedSince, dataProvider }) =>
				dataProvider.kind === 'csv' && (pausedSince !== undefined || status === 'paused' || status === 'quarantined'),
		},
	];

/** `profile` as it was before the resume took the pause away. */
export function resumeStep(profile: Profile, sync: SyncState, now: Date): ResumeStep {
	return resumeSteps.find(({ applies }) => applies(profile, sync, now))?.step ?? 'nothing';
}

/** The status as clients see it: what was paused is `paused`, and a profile whose files are being verified is `validating`. */
export function effectiveStatus(profile: Profile, now: Date): SyncStatus {
	const isPaused = profile.pausedSince !== undefined;
	if (hasLiveClaim(profile, now) && (isPaused || profile.status !== 'inProgress')) return 'validating';
	if (isPaused) return 'paused';
	if (isExpired(profile, now) && !busyStatuses.has(profile.status)) return 'paused';
	return profile.status;
}

export function isBusy(profile: Profile, now: Date): boolean {
	return busyStatuses.has(effectiveStatus(profile, now));
}

/** On its expiration date (UTC) a profile ceases to sync. */
export function isExpired({ expirationDate }: Pick<Profile, 'expirationDate'>, now: Date): boolean {
	return expirationDate !== undefined && now.toISOString().slice(0, 10) >= expirationDate;
}
