import type { Run, RunProgress } from '../domain/run.ts';
import type { JsonObject } from './request-body.ts';

/** A run as clients see it: an addition of ours, so that they can show how far a sync is. */
export function runResource({
	tenantId: _,
	profileId: __,
	acceptedFiles: ___,
	sourceRunId: ____,
	unlistedFindings: _____,
	...run
}: Run & { progress: RunProgress }): JsonObject {
	return run;
}
