import type { Actor } from '../../domain/events.ts';
import type { SyncKind } from '../../domain/sync/sync-kinds.ts';
import type { RunRef } from '../../ports.ts';

/** Where something happened. */
export interface Origin {
	/** Who asked for it; absent for what happens by itself. */
	actor?: Actor;
	/** That of the invocation, as https://www.w3.org/TR/trace-context/ has it. */
	traceParent?: string | undefined;
}

/** A step of a run; the kind of the records that it is about, if they are of one. */
export interface TracedStep {
	run: RunRef;
	kind?: SyncKind | undefined;
}

/** Who refused requests because there were too many. What writes to a directory with a quota adds itself here. */
export type Throttler = 'api' | 'tables' | 'graph';
