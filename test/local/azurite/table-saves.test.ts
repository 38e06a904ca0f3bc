import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TableClient } from '@azure/data-tables';
import { expect, test, vi } from 'vitest';
import type { Azurite } from '../../../src/local/azurite/azurite.ts';
import { keptAzurites } from '../../support/hosts/kept-azurites.ts';
import { startPlainTables } from '../../support/hosts/plain-azurite.ts';

const { dataFolder, start } = keptAzurites();

const tableOf = ({ connectionString }: { connectionString: string }, name = 'Kept') =>
	TableClient.fromConnectionString(connectionString, name, {
		allowInsecureConnection: true,
		// What fails here would fail again.
		retryOptions: { maxRetries: 0 },
	});

async function textsIn(azurite: Azurite, name = 'Kept'): Promise<Record<string, unknown>> {
	const texts: Record<string, unknown> = {};
	for await (const { rowKey, text } of tableOf(azurite, name).listEntities()) texts[rowKey as string] = text;
	return texts;
}

const put = (table: TableClient, rowKey: string, text: string) =>
	table.upsertEntity({ partitionKey: 'p', rowKey, text }, 'Replace');

const file = () => join(dataFolder(), '__azurite_db_table__.json');
const saved = () => readFileSync(file(), 'utf8');
const hasSaved = (text: string) => vi.waitFor(() => expect(saved()).toContain(text), { timeout: 30_000 });

/** Of all files of the emulator, whatever they are. */
const filesWith = (text: string) =>
	readdirSync(dataFolder(), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))
		.map(({ name }) => name);

test('entities are there after a stop as they were, and what was overwritten or deleted is in no file', async () => {
	const first = await start();
	for (const name of ['Kept', 'Gone']) await tableOf(first, name).createTable();
	await put(tableOf(first), 'a', 'Before-2026!');
	await put(tableOf(first), 'b', 'Secret-2026!');
	await put(tableOf(first, 'Gone'), 'c', 'Dropped-2026!');
	await hasSaved('Dropped-2026!');
	await put(tableOf(first), 'a', 'After-2026!');
	await tableOf(first).deleteEntity('p', 'b');
	await tableOf(first, 'Gone').deleteTable();
	await first.stop();
	for (const text of ['Before-2026!', 'Secret-2026!', 'Dropped-2026!']) expect(filesWith(text), text).toEqual([]);
	const second = await start();
	expect(second.losses).toEqual([]);
	expect(await textsIn(second)).toEqual({ a: 'After-2026!' });
	await put(tableOf(second), 'b', 'again');
	await second.stop();
	expect(await textsIn(await start())).toEqual({ a: 'After-2026!', b: 'again' });
});

test('a save adds what has changed, and leaves the rest of the file alone', async () => {
	const azurite = await start();
	await tableOf(azurite).createTable();
	await put(tableOf(azurite), 'a', 'first');
	await hasSaved('first');
	const before = saved();
	await put(tableOf(azurite), 'b', 'second');
	await hasSaved('second');
	expect(saved().startsWith(before)).toBe(true);
});

test('what was saved before a kill is there, and what it had overwritten is in no file after the next start', async () => {
	const first = await start();
	await tableOf(first).createTable();
	await put(tableOf(first), 'a', 'Before-2026!');
	await hasSaved('Before-2026!');
	await put(tableOf(first), 'a', 'After-2026!');
	await put(tableOf(first), 'b', 'Too-2026!');
	await hasSaved('Too-2026!');
	process.kill(first.pid, 'SIGKILL');
	await first.ended;
	const second = await start();
	expect(second.losses).toHaveLength(1);
	expect(await textsIn(second)).toEqual({ a: 'After-2026!', b: 'Too-2026!' });
	expect(filesWith('Before-2026!')).toEqual([]);
});

test('tables that Azurite has saved by itself are taken over', async () => {
	const plain = await startPlainTables(dataFolder());
	await tableOf(plain).createTable();
	await put(tableOf(plain), 'a', 'old');
	await plain.stop();
	const first = await start();
	expect(await textsIn(first)).toEqual({ a: 'old' });
	await put(tableOf(first), 'b', 'new');
	await first.stop();
	expect(await textsIn(await start())).toEqual({ a: 'old', b: 'new' });
});

test('a save that fails is reported at once, and again at the stop', async () => {
	const first = await start();
	await tableOf(first).createTable();
	await put(tableOf(first), 'a', 'kept');
	await hasSaved('kept');
	rmSync(file());
	mkdirSync(file());
	await put(tableOf(first), 'b', 'late');
	expect(await first.ended).toMatch(
		/^The storage emulator cannot save into ".*": a file could not be written \(EISDIR\)/,
	);
	await expect(first.stop()).rejects.toThrow('cannot save');
});
