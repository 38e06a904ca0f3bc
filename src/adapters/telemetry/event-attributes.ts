import type { Actor, DryRunFinished, RunFinished, SyncEvent } from '../../domain/events.ts';

export type Attributes = Record<string, string | number | boolean>;

/** The event as telemetry calls it. */
export const eventName = ({ name }: SyncEvent): string => `sds.${name}`;

/** Somebody should look at it. */
export function isBad(event: SyncEvent): boolean {
	switch (event.name) {
		case 'run.finished':
			return (
				event.outcome === 'failed' || event.outcome === 'error' || event.outcome === 'refused' || event.heldRemovals > 0
			);
		case 'files.verified':
			return !event.isAccepted;
		case 'profile.expiring':
		case 'profile.expired':
		case 'holds.waiting':
			return true;
		default:
			return event.name.endsWith('Failed');
	}
}

/** The members of an event by the names of docs/operate.md. Only what is named here leaves the process. */
export function eventAttributes(event: SyncEvent, actor: Actor | undefined): Attributes {
	const { tenantId, profileId, runId } = event;
	return {
		'sds.tenant.id': tenantId,
		'sds.profile.id': profileId,
		...(runId ? { 'sds.run.id': runId } : {}),
		...(actor ? { 'sds.actor.id': actor.id } : {}),
		...(actor?.appId ? { 'sds.actor.app_id': actor.appId } : {}),
		...ownAttributes(event),
	};
}

function ownAttributes(event: SyncEvent): Attributes {
	switch (event.name) {
		case 'files.verified':
			return {
				'sds.run.trigger': event.trigger,
				'sds.files.accepted': event.isAccepted,
				'sds.rows': sum(event.rows),
				'sds.findings.errors': event.findings.Error,
				'sds.findings.warnings': event.findings.Warning,
				'sds.verification.duration': event.durationMs / 1000,
			};
		case 'profile.expiring':
		case 'holds.waiting':
			return { 'sds.notice.days': event.days };
		case 'run.started':
		case 'dryRun.started':
			return { 'sds.run.trigger': event.trigger };
		case 'run.finished':
		case 'dryRun.finished':
			return runAttributes(event);
		default:
			return {};
	}
}

export function runAttributes(event: RunFinished | DryRunFinished): Attributes {
	const { trigger, outcome, failure, tallies, directoryWrites, heldRemovals, errorCount } = event;
	const total = (change: (typeof changes)[number]) => sum(mapValues(tallies, (tally) => tally?.[change] ?? 0));
	return {
		'sds.run.trigger': trigger,
		'sds.run.outcome': outcome,
		...(failure ? { 'sds.run.failure': failure } : {}),
		'sds.run.duration': durationOf(event),
		...Object.fromEntries(changes.map((change) => [`sds.records.${change}`, total(change)])),
		'sds.directory.writes': directoryWrites,
		'sds.removals.held': heldRemovals,
		'sds.run.errors': errorCount,
	};
}

export const changes = ['added', 'changed', 'removed', 'unchanged', 'failed'] as const;

/** Seconds. */
export function durationOf({
	startedDateTime,
	finishedDateTime,
}: Pick<RunFinished, 'startedDateTime' | 'finishedDateTime'>): number {
	return (Date.parse(finishedDateTime) - Date.parse(startedDateTime)) / 1000;
}

const sum = (counts: Readonly<Record<string, number | undefined>>) =>
	Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);

function mapValues<V>(record: Readonly<Record<string, V>>, map: (value: V) => number): Record<string, number> {
	return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** One line for the log of the function: the name, and the attributes as JSON. */
export function eventLine(event: SyncEvent, actor: Actor | undefined): string {
	return `${eventName(event)} ${JSON.stringify(eventAttributes(event, actor))}`;
}
