import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { describe, expect, test } from 'vitest';
import type { Azurite } from '../../src/local/azurite/azurite.ts';
import { keptAzurites } from '../support/hosts/kept-azurites.ts';

const { dataFolder, start } = keptAzurites();

const containerOf = ({ connectionString }: Azurite, name = 'kept') =>
	// What fails here would fail again.
	BlobServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } }).getContainerClient(name);

async function upload(azurite: Azurite, { container = 'kept', name = 'a.txt', text = 'kept' } = {}): Promise<void> {
	await containerOf(azurite, container).createIfNotExists();
	await containerOf(azurite, container).getBlockBlobClient(name).upload(text, Buffer.byteLength(text));
}

const textOf = async (azurite: Azurite, { container = 'kept', name = 'a.txt' } = {}) =>
	String(await containerOf(azurite, container).getBlobClient(name).downloadToBuffer());

/** Of all files of the emulator, whatever they are. */
function filesWith(text: string): readonly string[] {
	return readdirSync(dataFolder(), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => join(parentPath, name))
		.filter((file) => readFileSync(file).includes(text));
}

const contents = () => join(dataFolder(), '__blobstorage__');

test('nobody but the owner can look into the folder, also into what was open before', async () => {
	const first = await start();
	await upload(first);
	await first.stop();
	chmodSync(dataFolder(), 0o755);
	for (const { parentPath, name } of readdirSync(dataFolder(), { recursive: true, withFileTypes: true }))
		chmodSync(join(parentPath, name), 0o777);
	await upload(await start(), { name: 'b.txt' });
	const modes = readdirSync(dataFolder(), { recursive: true, withFileTypes: true }).map((entry) => {
		const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
		return [entry.name, mode === (entry.isDirectory() ? 0o700 : 0o600)];
	});
	expect(statSync(dataFolder()).mode & 0o777).toBe(0o700);
	expect(modes.filter(([, isPrivate]) => !isPrivate)).toEqual([]);
});

describe('a save that fails', () => {
	test('is reported at once, and the next start says that something may be lost', async () => {
		const first = await start();
		mkdirSync(join(dataFolder(), '__azurite_db_blob__.json~'));
		await upload(first);
		expect(await first.ended).toMatch(
			/^The storage emulator cannot save into ".*": a file could not be written \(EISDIR\)/,
		);
		await expect(first.stop()).rejects.toThrow('cannot save');
		const second = await start();
		expect(second.losses).toEqual([expect.stringContaining('did not end cleanly the last time')]);
		// Nothing was lost after all: the failed save was repeated at the stop.
		expect(await textOf(second)).toBe('kept');
	});

	test('of the contents of a blob is reported too', async () => {
		const azurite = await start();
		rmSync(contents(), { recursive: true });
		await expect(upload(azurite)).rejects.toThrow();
		expect(await azurite.ended).toContain('cannot save');
	});

	test('at the stop makes the stop fail', async () => {
		const azurite = await start();
		mkdirSync(join(dataFolder(), '__azurite_db_table__.json~'));
		mkdirSync(join(dataFolder(), '__azurite_db_blob__.json~'));
		await upload(azurite);
		await expect(azurite.stop()).rejects.toThrow('cannot save');
	});
});

describe('the next start', () => {
	test('says nothing after a clean stop', async () => {
		const first = await start();
		await upload(first);
		await first.stop();
		expect(await start()).toMatchObject({ losses: [] });
	});

	test('says that a killed one may have lost something, until a clean stop; the time of it stays known', async () => {
		const first = await start();
		process.kill(first.pid, 'SIGKILL');
		expect(await first.ended).toContain('The storage emulator has ended unexpectedly (signal SIGKILL).');
		const second = await start();
		expect(second.losses).toHaveLength(1);
		await second.stop();
		const third = await start();
		expect(third).toMatchObject({ losses: [], lostAt: second.lostAt });
		expect(Date.parse(third.lostAt ?? '')).toBeGreaterThan(0);
	});

	test.each([
		{ how: 'gone', change: (file: string) => rmSync(file), says: 'is gone' },
		{
			how: 'an older one',
			change: (file: string) => truncateSync(file, statSync(file).size - 1),
			says: 'bytes instead of',
		},
	])('says that a database is $how', async ({ change, says }) => {
		const first = await start();
		await first.stop();
		change(join(dataFolder(), '__azurite_db_queue_extent__.json'));
		const second = await start().catch((error: Error) => error.message);
		expect(typeof second === 'string' ? second : second.losses.join()).toContain(says);
	});

	test('says that contents of blobs are gone', async () => {
		const first = await start();
		await upload(first);
		await first.stop();
		for (const name of readdirSync(contents())) truncateSync(join(contents(), name), 0);
		expect((await start()).losses).toEqual(['The contents of 1 stored files are gone.']);
	});
});

describe('what was deleted', () => {
	test('is in no file after the stop, and all else is whole', async () => {
		const first = await start();
		await upload(first, { text: 'Before-2026!' });
		await upload(first, { container: 'gone', text: 'Secret-2026!' });
		await upload(first, { name: 'b.txt', text: 'Behind-2026!' });
		await containerOf(first, 'gone').delete();
		await containerOf(first).getBlobClient('a.txt').delete();
		await first.stop();
		expect(filesWith('Secret-2026!')).toEqual([]);
		expect(filesWith('Before-2026!')).toEqual([]);
		expect(filesWith('Behind-2026!')).toHaveLength(1);
		const second = await start();
		expect(second.losses).toEqual([]);
		expect(await textOf(second, { name: 'b.txt' })).toBe('Behind-2026!');
		await upload(second, { name: 'c.txt', text: 'Later-2026!' });
		await second.stop();
		const third = await start();
		expect(await textOf(third, { name: 'b.txt' })).toBe('Behind-2026!');
		expect(await textOf(third, { name: 'c.txt' })).toBe('Later-2026!');
	});

	test('is gone after the next start, if it could not go at the stop', async () => {
		const first = await start();
		await upload(first, { text: 'Secret-2026!' });
		await first.stop();
		const second = await start();
		await upload(second, { text: 'Other' });
		process.kill(second.pid, 'SIGTERM');
		await second.ended;
		await start();
		expect(filesWith('Secret-2026!')).toEqual([]);
	});

	test('goes from among the blocks of a blob, and the blocks stay', async () => {
		const azurite = await start();
		await containerOf(azurite).create();
		const blob = containerOf(azurite).getBlockBlobClient('blocks');
		for (const [id, text] of [
			['MQ==', 'one-'],
			['Mg==', 'Secret-2026!'],
			['Mw==', 'three'],
		] as const)
			await blob.stageBlock(id, text, text.length);
		await blob.commitBlockList(['MQ==', 'Mw==']);
		await blob.stageBlock('NA==', 'waits', 5);
		await azurite.stop();
		expect(filesWith('Secret-2026!')).toEqual([]);
		expect(filesWith('waits')).toHaveLength(1);
		expect(await textOf(await start(), { name: 'blocks' })).toBe('one-three');
	});
});
