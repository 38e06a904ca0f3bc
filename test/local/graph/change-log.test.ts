import { expect, test } from 'vitest';
import { type LogTable, openChangeLog, type TenantChange } from '../../../src/local/graph/change-log.ts';

/** A table in memory, whose writes end when `let go`, or fail. */
function createTable() {
	const rows = new Map<string, Record<string, string>>();
	const waiting: { finish(): void; fail(): void }[] = [];
	const table: LogTable = {
		createTable: async () => {},
		upsertEntity(row) {
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			waiting.push({
				finish() {
					rows.set(row.rowKey, row);
					resolve();
				},
				fail: () => reject(new Error('storage is gone')),
			});
			return promise;
		},
		async *listEntities<T>() {
			for (const key of [...rows.keys()].sort()) yield rows.get(key) as T & { rowKey?: string };
		},
	};
	return { table, rows, waiting };
}

const change = (name: string): TenantChange => ({ tenantId: 't', change: { type: 'restore', id: name } });

async function replayed(table: LogTable): Promise<string[]> {
	const names: string[] = [];
	await openChangeLog(table, ({ change: { id } }) => void names.push(id));
	return names;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('nothing is stored until its row is written, and what comes meanwhile is one row together', async () => {
	const { table, rows, waiting } = createTable();
	const log = await openChangeLog(table, () => {});
	const done: string[] = [];
	const write = (name: string) => {
		log.append(change(name));
		return log.stored().then(() => void done.push(name));
	};
	const writes = [write('a'), write('b'), write('c')];
	await turn();
	expect([done, waiting.length]).toEqual([[], 1]);
	waiting[0]?.finish();
	await turn();
	expect([done, waiting.length]).toEqual([['a'], 2]);
	waiting[1]?.finish();
	await Promise.all(writes);
	expect(rows.size).toBe(2);
	expect(await replayed(table)).toEqual(['a', 'b', 'c']);
});

test('after a failure the row is written again, before all that follows', async () => {
	const { table, waiting } = createTable();
	const log = await openChangeLog(table, () => {});
	log.append(change('a'));
	const first = log.stored();
	waiting[0]?.fail();
	await expect(first).rejects.toThrow('storage is gone');
	log.append(change('b'));
	const second = log.stored();
	await turn();
	waiting[1]?.finish();
	await turn();
	waiting[2]?.finish();
	await second;
	expect(await replayed(table)).toEqual(['a', 'b']);
});

test('who has nothing to store does not wait', async () => {
	const log = await openChangeLog(createTable().table, () => {});
	await log.stored();
});

test('long changes are spread over rows and columns, and come back whole', async () => {
	const { table, rows, waiting } = createTable();
	const log = await openChangeLog(table, () => {});
	const names = Array.from({ length: 30 }, (_, at) => `${at}é`.padEnd(50_000, '🎻'));
	for (const name of names) log.append(change(name));
	const stored = log.stored();
	for (let at = 0; at < 30; at += 1) {
		await turn();
		waiting[at]?.finish();
	}
	await stored;
	expect(rows.size).toBeGreaterThan(1);
	for (const row of rows.values())
		for (const text of Object.values(row)) expect(text.length).toBeLessThanOrEqual(32_000);
	expect(await replayed(table)).toEqual(names);
});
