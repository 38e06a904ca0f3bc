import { errorStage } from '../../domain/run-id.ts';
import type { SyncError } from '../../domain/sync-error.ts';
import { firstSyncStage } from '../sync/record-errors.ts';
import type { TraceScope } from './trace-scope.ts';

const pageSize = 999;
const errorsKept = 200;

/** Of the last run's errors some; those of its verification are findings, and stand in its report. */
export async function pickErrors(
	{ deps, ref }: TraceScope,
	isWanted: (error: SyncError) => boolean,
): Promise<readonly SyncError[]> {
	const found: SyncError[] = [];
	let continuation: string | undefined;
	do {
		const page = await deps.errors.list(ref.profileId, {
			size: pageSize,
			...(continuation === undefined ? {} : { continuation }),
		});
		found.push(...page.items.filter((error) => errorStage(error.id) >= firstSyncStage && isWanted(error)));
		continuation = page.continuation;
	} while (continuation !== undefined && found.length < errorsKept);
	return found;
}
