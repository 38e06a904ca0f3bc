import type { Run } from '../../domain/run.ts';
import type { RunWithProgress } from '../../services/runs/runs.ts';
import type { JsonObject } from '../requests/request-body.ts';

/** What a run keeps for itself. */
const internal: ReadonlySet<string> = new Set([
	'tenantId',
	'profileId',
	'sourceRunId',
	'acceptedFiles',
	'acceptedRows',
	'approvedRunId',
	'approvedHolds',
	'undoes',
	'expectedPlan',
	'skippedRows',
	'skipsFaultyRows',
	'settings',
	'unlistedFindings',
] satisfies (keyof Run)[]);

/** A run as clients see it: an addition of ours, so that they can show how far a sync is. */
export function runResource(run: RunWithProgress): JsonObject {
	return Object.fromEntries(Object.entries(run).filter(([name]) => !internal.has(name)));
}
