import type { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExisting } from '../../../../src/adapters/directory/tables/existing-rows.ts';
import { inParallel, slices } from '../../../../src/adapters/transactions.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';

const partitionKey = 'tenant|a';
const rowKeyOf = (at: number) => `a${String(at).padStart(5, '0')}`;
const keysOf = (places: readonly number[]) => places.map((at) => ({ partitionKey, rowKey: rowKeyOf(at) }));
const count = 3_000;

let storage: TestStorage;
let table: TableClient;
let rowsRead: number;
let queries: number;

beforeAll(async () => {
	storage = await startTestStorage();
	table = await storage.account.table('ExistingRows');
	const rows = keysOf(Array.from({ length: count }, (_, at) => at));
	await inParallel(slices(rows), (some) => table.submitTransaction(some.map((row) => ['create', row])));
});
afterAll(() => storage.stop());

/** The table, with what is read of it counted. */
const counted: Pick<TableClient, 'listEntities'> = {
	listEntities: ((options: object) => {
		const pages = table.listEntities(options);
		const byPage = async function* (settings?: object) {
			for await (const page of pages.byPage(settings)) {
				queries++;
				rowsRead += page.length;
				yield page;
			}
		};
		const rows = async function* () {
			for await (const page of byPage()) yield* page;
		};
		return Object.assign(rows(), { byPage });
	}) as unknown as TableClient['listEntities'],
};

async function readPlaces(places: readonly number[]): Promise<string[]> {
	rowsRead = 0;
	queries = 0;
	return [...(await readExisting(counted, keysOf(places))).keys()].sort();
}

describe('readExisting()', () => {
	test('finds neighbours with one query', async () => {
		const places = Array.from({ length: 100 }, (_, at) => 500 + at);
		expect(await readPlaces(places)).toEqual(places.map(rowKeyOf));
		expect({ queries, rowsRead }).toEqual({ queries: 1, rowsRead: 100 });
	});

	test('finds a hundred of three thousand without reading all of them', async () => {
		const places = Array.from({ length: 100 }, (_, at) => at * 30);
		expect(await readPlaces(places)).toEqual(places.map(rowKeyOf));
		expect(rowsRead).toBeLessThan(310);
		expect(queries).toBeLessThan(12);
	});

	test('reads on where half of the rows are wanted', async () => {
		const places = Array.from({ length: 100 }, (_, at) => at * 2);
		expect(await readPlaces(places)).toEqual(places.map(rowKeyOf));
		expect(rowsRead).toBe(199);
	});

	test('finds only those that are there', async () => {
		const places = [0, 700, 1_400, 2_100, 2_999, 5_000, 6_000];
		expect(await readPlaces(places)).toEqual(places.slice(0, 5).map(rowKeyOf));
		expect(await readPlaces([7_000])).toEqual([]);
	});
});
