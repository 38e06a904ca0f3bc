import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { BlobWrite } from './recorded-blobs.ts';

/** One transaction of entities of one partition. Values have their types beside them where JSON has none. */
export interface EntityWrite {
	table: string;
	entities: readonly TypedEntity[];
}

export type TypedEntity = { partitionKey: string; rowKey: string } & Record<string, unknown>;

/** A line of the file in which a sync's work lies for the one who does it again. */
export type Work = EntityWrite | BlobWrite;

/** Table transactions hold at most 100 entities. */
const maxEntities = 100;

/** Writes down all entities of a storage account, in full transactions, and the blobs. */
export async function writeDownWork(
	file: string,
	{ connectionString, blobs }: { connectionString: string; blobs: readonly BlobWrite[] },
): Promise<void> {
	const out = createWriteStream(file);
	const put = async (work: Work) => {
		if (!out.write(`${JSON.stringify(work)}\n`)) await once(out, 'drain');
	};
	for (const blob of blobs) await put(blob);
	const options = { allowInsecureConnection: true };
	const service = TableServiceClient.fromConnectionString(connectionString, options);
	for await (const { name = '' } of service.listTables()) {
		const table = TableClient.fromConnectionString(connectionString, name, options);
		for await (const entities of transactionsOf(table)) await put({ table: name, entities });
	}
	out.end();
	await once(out, 'close');
}

async function* transactionsOf(table: TableClient): AsyncGenerator<readonly TypedEntity[]> {
	let waiting: TypedEntity[] = [];
	for await (const row of table.listEntities({ disableTypeConversion: true })) {
		const { etag: _, timestamp: __, ...entity } = row;
		const isFull = waiting.length === maxEntities || waiting[0]?.partitionKey !== row.partitionKey;
		if (isFull && waiting.length > 0) {
			yield waiting;
			waiting = [];
		}
		waiting.push(entity as TypedEntity);
	}
	if (waiting.length > 0) yield waiting;
}
