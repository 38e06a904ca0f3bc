import { type Run, type RunProgress, sumOfProgress } from '../../domain/run.ts';
import { newRunId } from '../../domain/run-id.ts';
import type { RunStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { quoted, readKeyPage, rowsWithPrefix } from '../table-pages.ts';
import { deleteRow, deleteRows } from '../transactions.ts';
import { jsonColumns, readJsonColumns } from './json-entity.ts';

/**
 * Table `Runs`: partition = profile, row = run id, whose order is newest first. Progress lies in partitions of its own, one per
 * run, so that it never stands between the runs of a list.
 */
export function tableRunStore(account: StorageAccount): RunStore {
	const open = () => account.table('Runs');
	return {
		async save(run) {
			await (await open()).upsertEntity(
				{ partitionKey: run.profileId, rowKey: run.id, ...jsonColumns(run) },
				'Replace',
			);
		},

		async get(profileId, runId) {
			try {
				return readJsonColumns<Run>(await (await open()).getEntity(profileId, runId));
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async list(profileId, page) {
			return readKeyPage(await open(), profileId, { page, read: readJsonColumns<Run> });
		},

		async reportProgress({ profileId, runId }, step, { done, total, writes = 0, since, until }) {
			const entity = {
				partitionKey: progressPartition(profileId, runId),
				rowKey: step.replaceAll('/', ':'),
				done,
				total,
				writes,
				...(since && until ? { since, until } : {}),
			};
			await (await open()).upsertEntity(entity, 'Replace');
		},

		async progressOf({ profileId, runId }, phase) {
			const filter = rowsWithPrefix(progressPartition(profileId, runId), `${phase}:`);
			const steps: RunProgress[] = [];
			const rows = (await open()).listEntities<RunProgress>({ queryOptions: { filter } });
			for await (const row of rows) steps.push(row);
			return sumOfProgress(steps);
		},

		async deleteOlder(profileId, before, keep) {
			const table = await open();
			// Run ids are ordered newest first, and begin with their time.
			const range = `PartitionKey eq ${quoted(profileId)} and RowKey gt ${quoted(newRunId(before, oldestRandom))}`;
			const rows = table.listEntities<{ rowKey: string }>({ queryOptions: { filter: range, select: ['RowKey'] } });
			for await (const { rowKey } of rows) {
				if (keep.has(rowKey)) continue;
				// The record last: as long as it is there, a deletion that was cut off is repeated.
				await deleteRows(table, `PartitionKey eq ${quoted(progressPartition(profileId, rowKey))}`);
				await deleteRow(table, profileId, rowKey);
			}
		},

		async deleteAll(profileId) {
			const range = `PartitionKey ge ${quoted(profileId)} and PartitionKey lt ${quoted(`${profileId}~`)}`;
			await deleteRows(await open(), range);
		},
	};
}

const oldestRandom = 'f'.repeat(18);

const progressPartition = (profileId: string, runId: string) => `${profileId}|${runId}`;
