import { createHash } from 'node:crypto';
import { RestError, type TableClient } from '@azure/data-tables';

/** A version of a blob. */
export interface BlobVersion {
	container: string;
	name: string;
	/** Without quotes. */
	etag: string;
}

/** One delivery to one function: queue entry and receipt in one. */
export interface BlobReceipt extends BlobVersion {
	functionId: string;
	state: 'pending' | 'done' | 'poison';
	/** Calls begun; counted before the call, so that a handler which kills the process counts too. */
	attempts: number;
}

export interface BlobReceiptStore {
	/** When the function was first seen: blobs older than that are not news to it. Fixed by the first call. */
	subscribedAt(functionId: string, now: Date): Promise<Date>;
	load(functionId: string): Promise<BlobReceipt[]>;
	add(receipt: BlobReceipt): Promise<void>;
	update(receipt: BlobReceipt): Promise<void>;
	remove(receipt: BlobReceipt): Promise<void>;
}

/** Identifies a version among those of one function. */
export function versionKey({ container, name, etag }: BlobVersion): string {
	return `${container}/${name}\n${etag}`;
}

const subscriptionRow = 'subscription';

/** A row; `version` is the blob's ETag, since `etag` names the row's own in this SDK. */
type ReceiptRow = Pick<BlobReceipt, 'container' | 'name' | 'state' | 'attempts'> & { version: string };

/** Keeps receipts in a table: partition = function, row = hash of the version (blob names may hold what keys may not). */
export function createBlobReceiptStore(table: TableClient): BlobReceiptStore {
	return {
		async subscribedAt(functionId, now) {
			const row = { partitionKey: functionId, rowKey: subscriptionRow, since: now.toISOString() };
			await ignoring(409, table.createEntity(row));
			const { since } = await table.getEntity<{ since: string }>(functionId, subscriptionRow);
			return new Date(since);
		},
		async load(functionId) {
			const filter = `PartitionKey eq '${functionId.replaceAll("'", "''")}' and RowKey ne '${subscriptionRow}'`;
			const receipts: BlobReceipt[] = [];
			for await (const row of table.listEntities<ReceiptRow>({ queryOptions: { filter } })) {
				const { container, name, version, state, attempts } = row;
				receipts.push({ functionId, container, name, etag: version, state, attempts });
			}
			return receipts;
		},
		add: (receipt) => ignoring(409, table.createEntity(toRow(receipt))),
		update: async (receipt) => void (await table.upsertEntity(toRow(receipt), 'Replace')),
		async remove(receipt) {
			const { partitionKey, rowKey } = toRow(receipt);
			await ignoring(404, table.deleteEntity(partitionKey, rowKey));
		},
	};
}

function toRow(receipt: BlobReceipt): ReceiptRow & { partitionKey: string; rowKey: string } {
	const { functionId, container, name, etag, state, attempts } = receipt;
	const rowKey = createHash('sha256').update(versionKey(receipt)).digest('hex');
	return { partitionKey: functionId, rowKey, container, name, version: etag, state, attempts };
}

async function ignoring(status: number, call: Promise<unknown>): Promise<void> {
	try {
		await call;
	} catch (error) {
		if (!(error instanceof RestError && error.statusCode === status)) throw error;
	}
}
