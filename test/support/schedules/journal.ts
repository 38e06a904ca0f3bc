import type { VerificationMessage } from '../../../src/domain/roster/findings/verdict.ts';
import { kindOfFile, type RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import type { Run, RunReason } from '../../../src/domain/run.ts';
import type { SyncRef } from '../../../src/ports.ts';
import type { FileVersion, Versions } from './roster-versions.ts';

/** A moment: later ones have higher numbers, also within the same millisecond. */
type Order = number;

interface Put extends FileVersion {
	order: Order;
	atMs: number;
}

/** A run that was handed over to its orchestration. */
export interface Launch {
	order: Order;
	run: SyncRef;
	reason: RunReason;
	/** Whether it took uploads; otherwise it syncs those of an earlier run again. */
	takesUploads: boolean;
	versions: Versions;
	/** When its orchestration was over. */
	ended?: Order;
	isTerminated?: true;
}

export interface Refusal {
	order: Order;
	runId: string;
	reason: RunReason;
	versions: Versions;
}

export type CallName = 'start' | 'pause' | 'resume' | 'reset' | 'delete' | 'update';

export interface Call {
	name: CallName;
	from: Order;
	fromMs: number;
	to: Order;
	toMs: number;
	/** `accepted` and `refused` of a start, also by a resume; a code of the API; or `done`. */
	answer: string;
	messages: readonly VerificationMessage[];
	/** The run that stood still when the call came. */
	suspendedRunId: string | undefined;
}

/** A step of a run that began. */
interface BegunStep {
	runId: string;
	order: Order;
	atMs: number;
}

/** Everything that happened, as seen from outside of the services. */
export function journal(now: () => Date) {
	let order = 0;
	const versionsByEtag = new Map<string, number>();
	const puts: Put[] = [];
	const launches: Launch[] = [];
	const refusals: Refusal[] = [];
	const calls: Call[] = [];
	const steps: BegunStep[] = [];
	return {
		puts,
		launches,
		refusals,
		calls,
		steps,
		step: (runId: string) => void steps.push({ runId, order: ++order, atMs: now().getTime() }),
		next: () => ++order,
		put: (file: FileVersion) => void puts.push({ ...file, order: ++order, atMs: now().getTime() }),
		/** A file came into the container, by its uploader or put back. */
		wrote: (etag: string, version: number) => void versionsByEtag.set(etag, version),
		launch: (launch: Omit<Launch, 'order'>) => void launches.push({ ...launch, order: ++order }),
		ended(runId: string, isTerminated: boolean) {
			const launch = launches.find(({ run }) => run.runId === runId);
			if (launch?.ended !== undefined || !launch) return;
			launch.ended = ++order;
			if (isTerminated) launch.isTerminated = true;
		},
		refuse({ id, reason, acceptedFiles }: Run) {
			const versions = new Map<RosterKind, number>();
			for (const { name, etag } of acceptedFiles)
				versions.set(kindOfFile(name) as RosterKind, versionsByEtag.get(etag) ?? Number.NaN);
			refusals.push({ order: ++order, runId: id, reason, versions });
		},
		call: (call: Omit<Call, 'to' | 'toMs'>) => void calls.push({ ...call, to: ++order, toMs: now().getTime() }),
		isFaulty: (version: number) => puts.some((put) => put.version === version && put.isFaulty),
	};
}

export type Journal = ReturnType<typeof journal>;

/** The newest version of each kind that had been uploaded before. */
export function newestBefore(
	{ puts }: Journal,
	isBefore: (put: Journal['puts'][number]) => boolean,
): Map<RosterKind, number> {
	const newest = new Map<RosterKind, number>();
	for (const put of puts) if (isBefore(put)) newest.set(put.kind, put.version);
	return newest;
}
