import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { directoryTables } from '../../src/adapters/directory/tables/directory-tables.ts';
import { inParallel } from '../../src/adapters/transactions.ts';
import type { EntityWrite, Work } from '../sync/written-work.ts';
import { printSample } from './sample.ts';

/** One sample: the entities and blobs that a sync has written, written again by nothing but the two clients. */
const [connectionString, file, width] = process.argv.slice(2) as [string, string, string];
const work: Work[] = [];
for await (const line of createInterface({ input: createReadStream(file) })) work.push(JSON.parse(line));
const isEntities = (each: Work): each is EntityWrite => 'table' in each;
const content = Buffer.alloc(Math.max(0, ...work.map((each) => (isEntities(each) ? 0 : each.bytes))), 'x');

const startedAt = performance.now();
const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('rosters');
await container.create();
const names = new Set(work.filter(isEntities).map(({ table }) => table));
const tables = new Map(
	[...names].map((name) => [
		name,
		TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true }),
	]),
);
for (const table of tables.values()) await table.createTable();
await inParallel(work, (each) => (isEntities(each) ? writeEntities(each) : writeBlob(each)), Number(width));

const objects: readonly string[] = [directoryTables.schools, directoryTables.classes, directoryTables.users];
const written = work.filter(isEntities).filter(({ table }) => objects.includes(table));
printSample(
	startedAt,
	written.reduce((sum, { entities }) => sum + entities.length, 0),
);

async function writeEntities({ table, entities }: EntityWrite): Promise<void> {
	await tables.get(table)?.submitTransaction(entities.map((entity) => ['create', entity]));
}

async function writeBlob({ name, bytes }: { name: string; bytes: number }): Promise<void> {
	await container.getBlockBlobClient(name).uploadData(content.subarray(0, bytes));
}
