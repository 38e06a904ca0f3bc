import { RestError, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { HistoryEvent } from './history-events.ts';
import type { InstanceRecord, Message } from './instance-record.ts';
import { createInstanceRows, type InstanceRows, type LoadedInstance, type Row, valueFolder } from './instance-rows.ts';
import { historyFilter, instanceRow, messageRowKey, partitionFilter, partitionKey } from './table-keys.ts';
import { fitsOneTransaction, submitInSlices } from './table-transactions.ts';
import type { ValueColumns } from './value-columns.ts';

/** A record and its version; a commit on any other version is refused. */
export interface StoredInstance {
	record: InstanceRecord;
	etag: string;
}

/** What an episode changes, all of it or nothing. */
export interface EpisodeCommit {
	/** Its `historyLength` counts `events` already; another `executionId` begins a new, empty history. */
	record: InstanceRecord;
	events: readonly HistoryEvent[];
	/** Messages whose rows go; fewer than a transaction holds. */
	consumed: readonly Message[];
}

export interface InstancePage {
	records: InstanceRecord[];
	/** Absent on the last page. */
	continuationToken?: string;
}

export interface InstanceStore {
	/** Throws when the instance exists. */
	create(record: InstanceRecord): Promise<StoredInstance>;
	commit(stored: StoredInstance, episode: EpisodeCommit): Promise<StoredInstance>;
	addMessage(instanceId: string, message: Message): Promise<void>;
	removeMessages(instanceId: string, messages: readonly Message[]): Promise<void>;
	read(instanceId: string): Promise<InstanceRecord | undefined>;
	load(instanceId: string): Promise<LoadedInstance | undefined>;
	findUnfinished(): Promise<string[]>;
	list(options: { pageSize: number; continuationToken?: string }): Promise<InstancePage>;
	/** Deletes an execution that continue-as-new has ended. */
	removeExecution(instanceId: string, executionId: string): Promise<void>;
	removeRows(instanceId: string, rowKeys: readonly string[]): Promise<void>;
	/** Ends an instance whose rows are damaged: it fails with `output`, JSON text. */
	abandon(instanceId: string, output: string): Promise<void>;
	/** Deletes an instance and everything of it. */
	purge(instanceId: string): Promise<void>;
}

/**
 * Instances, their history and their waiting messages, in one table with a partition for each instance.
 *
 * One partition, because a table transaction ends at its border: the new events, the instance row and the deletion of
 * the consumed messages are one transaction, so that there is no state between two episodes which a crash could leave
 * behind. An episode with more events than a transaction holds writes them first, and they are nothing yet: an event
 * counts only if its index is below the `historyLength` of the instance row and its execution is the row's. The instance
 * row with the deletions is then the commit. What a crash leaves is beyond the length, and overwritten by the next try.
 *
 * A message has a row only if nothing else could tell of it again, that is, if a client sent it (event, suspend, resume,
 * terminate): it is acknowledged after its row is written. A start is the instance row; a timer is in the history; a
 * child's result is in the child's row; an activity whose result was not committed runs again, as delivery at least once
 * allows.
 *
 * A write may take place although its answer is lost. Whoever meets an error must therefore load the instance again; the
 * ETag keeps a late twin of the write from changing what was written since.
 */
export function createInstanceStore(table: TableClient, values: ValueColumns): InstanceStore {
	const rows = createInstanceRows(values);
	return {
		async create(record) {
			const { etag = '' } = await table.createEntity(await rows.fromRecord(record, true));
			return { record, etag };
		},
		commit: (stored, episode) => commitEpisode(table, rows, stored, episode),
		async addMessage(instanceId, message) {
			await table.upsertEntity(await rows.fromMessage(instanceId, message), 'Replace');
		},
		removeMessages(instanceId, messages) {
			const rowKeys = messages.map(({ sequence }) => messageRowKey(sequence));
			return removeRows(table, instanceId, rowKeys);
		},
		async read(instanceId) {
			const row = await orUndefined(table.getEntity<Row>(partitionKey(instanceId), instanceRow));
			return row && (await rows.toRecord(row));
		},
		async load(instanceId) {
			return await rows.toLoaded(await findRows(table, partitionFilter(instanceId)));
		},
		async findUnfinished() {
			const found = await findRows(table, `RowKey eq '${instanceRow}' and isFinished eq false`);
			const heads = await Promise.all(found.map(rows.toHead));
			return heads.map(({ instanceId }) => instanceId);
		},
		async list({ pageSize, continuationToken }) {
			const found = table.listEntities<Row>({ queryOptions: { filter: `RowKey eq '${instanceRow}'` } });
			const from = continuationToken ? { continuationToken } : {};
			const { value: page = [] } = await found.byPage({ maxPageSize: pageSize, ...from }).next();
			const records = await Promise.all(page.map(rows.toRecord));
			return { records, ...(page.continuationToken ? { continuationToken: page.continuationToken } : {}) };
		},
		async removeExecution(instanceId, executionId) {
			await removeFound(table, instanceId, historyFilter(instanceId, executionId));
			await values.removeBlobs(valueFolder(instanceId, executionId));
		},
		removeRows: (instanceId, rowKeys) => removeRows(table, instanceId, rowKeys),
		async abandon(instanceId, output) {
			const row = await table.getEntity<Row>(partitionKey(instanceId), instanceRow);
			const failed = { ...(await rows.toHead(row)), status: 'Failed', isSuspended: false, historyLength: 0 } as const;
			await table.upsertEntity(await rows.fromRecord({ ...failed, input: null, output, customStatus: null }, true));
		},
		async purge(instanceId) {
			// The instance row last: as long as it is there, a purge that was cut off can be repeated.
			await removeFound(table, instanceId, `${partitionFilter(instanceId)} and RowKey ne '${instanceRow}'`);
			await values.removeBlobs(partitionKey(instanceId));
			await removeRows(table, instanceId, [instanceRow]);
		},
	};
}

async function commitEpisode(
	table: TableClient,
	rows: InstanceRows,
	stored: StoredInstance,
	{ record, events, consumed }: EpisodeCommit,
): Promise<StoredInstance> {
	const base = record.historyLength - events.length;
	const isNewExecution = record.executionId !== stored.record.executionId;
	const added = await Promise.all(
		events.map(async (event, at): Promise<TransactionAction> => {
			return ['upsert', await rows.fromEvent(record, event, base + at), 'Replace'];
		}),
	);
	const decisive: TransactionAction[] = [
		['update', await rows.fromRecord(record, isNewExecution), 'Merge', { etag: stored.etag }],
		...consumed.map((message) => deletion(record.instanceId, messageRowKey(message.sequence))),
	];
	const together = [...decisive, ...added];
	if (fitsOneTransaction(together)) return { record, etag: await submit(table, together) };
	await submitInSlices(table, added);
	return { record, etag: await submit(table, decisive) };
}

/** Carries out a transaction that begins with the instance row, and returns that row's new ETag. */
async function submit(table: TableClient, actions: TransactionAction[]): Promise<string> {
	const { subResponses } = await table.submitTransaction(actions);
	return subResponses[0]?.etag?.trim() ?? '';
}

function deletion(instanceId: string, rowKey: string): TransactionAction {
	return ['delete', { partitionKey: partitionKey(instanceId), rowKey }];
}

async function findRows(table: TableClient, filter: string, select?: string[]): Promise<Row[]> {
	const found: Row[] = [];
	const queryOptions = { filter, ...(select ? { select } : {}) };
	for await (const row of table.listEntities<Row>({ queryOptions })) found.push(row);
	return found;
}

async function removeFound(table: TableClient, instanceId: string, filter: string): Promise<void> {
	const found = await findRows(table, filter, ['RowKey']);
	await removeRows(
		table,
		instanceId,
		found.map(({ rowKey }) => rowKey ?? ''),
	);
}

/** Deletes rows that may be gone already. */
async function removeRows(table: TableClient, instanceId: string, rowKeys: readonly string[]): Promise<void> {
	try {
		await submitInSlices(
			table,
			rowKeys.map((rowKey) => deletion(instanceId, rowKey)),
		);
	} catch (error) {
		if (!isMissing(error)) throw error;
		// One missing row has undone a whole transaction; one by one, the others go.
		for (const rowKey of rowKeys) await orUndefined(table.deleteEntity(partitionKey(instanceId), rowKey));
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof RestError && error.statusCode === 404;
}

async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
	try {
		return await call;
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}
