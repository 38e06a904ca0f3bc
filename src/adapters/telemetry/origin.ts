import type { Actor } from '../../domain/events.ts';

/** Where something happened. */
export interface Origin {
	/** Who asked for it; absent for what happens by itself. */
	actor?: Actor;
	/** That of the invocation, as https://www.w3.org/TR/trace-context/ has it. */
	traceParent?: string | undefined;
}

/** Who refused requests because there were too many. What writes to a directory with a quota adds itself here. */
export type Throttler = 'api' | 'tables' | 'graph';
