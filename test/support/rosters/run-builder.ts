import type { Run } from '../../../src/domain/run.ts';
import { newRunId } from '../../../src/domain/run-id.ts';
import { ownTenant } from '../tenants.ts';
import { profileId } from './profile-builder.ts';

/** A run that has just started, on files of its own; `hex` tells runs of the same moment apart. */
export function newRun(started: Date, changes: Partial<Run> = {}, hex = 'a'.repeat(18)): Run {
	const id = changes.id ?? newRunId(started, hex);
	return {
		id,
		tenantId: ownTenant,
		profileId,
		reason: 'start',
		phase: 'shard',
		startedDateTime: started.toISOString(),
		sourceRunId: id,
		acceptedFiles: [],
		rows: {},
		tallies: {},
		directoryWrites: 0,
		errorCount: 0,
		...changes,
	};
}
