import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';
import { type SpawnedHost, spawnHost } from '../../../src/local/process/spawn-host.ts';
import { expectSoon } from '../support/soon.ts';

/** Hosts that name the same storage share its task hub. */

const appFolder = new URL('../fixtures/durable-app', import.meta.url).pathname;

let folder: string;
let record: string;
let azurite: Azurite;
let hosts: SpawnedHost[] = [];

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'hub-'));
	record = join(folder, 'calls');
	azurite = await startAzurite({ preferUsualPorts: false, log() {} });
});
afterEach(async () => {
	await Promise.all(hosts.map((host) => host.stop()));
	hosts = [];
	await azurite.stop();
	rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, { connectionString: storage } = azurite as { connectionString: string }) {
	const options = { appFolder, entry: 'main.ts', dataFolder: join(folder, name) };
	const settings = { RECORD_FILE: record };
	const host = await spawnHost({ ...options, settings, storage });
	hosts.push(host);
	return host;
}

async function kill(host: SpawnedHost): Promise<void> {
	process.kill(host.pid, 'SIGKILL');
	expect(await host.ended).toBe('SIGKILL');
}

const startSum = (host: SpawnedHost, id: string, values: number[]) =>
	fetch(`${host.url}/sums/${id}`, { method: 'POST', body: JSON.stringify({ values }) });

const sumAt = async (host: SpawnedHost, id: string) => (await fetch(`${host.url}/sums/${id}`)).json();

/** Which processes have run an activity. */
const workers = () => {
	const lines = existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [];
	return new Set(lines.map(Number));
};

const hold = () => writeFileSync(`${record}.hold`, '');
const letGo = () => rmSync(`${record}.hold`);

describe('two hosts over one emulator', () => {
	test('share the work that either is asked for, and both see what came of it', async () => {
		const [first, second] = [await start('first'), await start('second')];
		for (const [at, host] of [first, second].entries()) {
			expect((await startSum(host, `sum-${at}`, [1, 2, 3, 4])).status).toBe(202);
			for (const asked of [first, second])
				await expectSoon(() => sumAt(asked, `sum-${at}`)).toEqual({ runtimeStatus: 'Completed', output: { sum: 30 } });
		}
		expect([...workers()].sort()).toEqual([first.pid, second.pid].sort());
	});

	test.for([0, 1])('go on when one of them is killed in the middle, whichever it is (%i)', async (victim) => {
		const both = [await start('first'), await start('second')] as const;
		const [killed, other] = [both[victim] as SpawnedHost, both[1 - victim] as SpawnedHost];
		hold();
		expect((await startSum(other, 'sum', [1, 2, 3, 4])).status).toBe(202);
		await expectSoon(() => workers().size).toBe(2);
		await kill(killed);
		letGo();
		await expectSoon(() => sumAt(other, 'sum')).toEqual({ runtimeStatus: 'Completed', output: { sum: 30 } });

		const again = await start(victim === 0 ? 'first' : 'second');
		expect((await startSum(again, 'next', [2])).status).toBe(202);
		await expectSoon(() => sumAt(other, 'next')).toEqual({ runtimeStatus: 'Completed', output: { sum: 4 } });
	});

	test('go on when the other is stopped', async () => {
		const [first, second] = [await start('first'), await start('second')];
		await first.stop();
		expect((await startSum(second, 'sum', [3])).status).toBe(202);
		await expectSoon(() => sumAt(second, 'sum')).toEqual({ runtimeStatus: 'Completed', output: { sum: 9 } });
	});
});

test('a host that joins the emulator of another leaves the orchestrations to that one', async () => {
	const owner = await spawnHost({
		appFolder,
		entry: 'main.ts',
		dataFolder: join(folder, 'owner'),
		settings: { RECORD_FILE: record },
	});
	const guest = await start('guest', owner);
	expect((await startSum(guest, 'sum', [1, 2, 3, 4])).status).toBe(202);
	await expectSoon(() => sumAt(guest, 'sum')).toEqual({ runtimeStatus: 'Completed', output: { sum: 30 } });
	expect([...workers()]).toEqual([owner.pid]);
	await guest.stop();
	await owner.stop();
});

test('a storage that is not on this machine is refused', async () => {
	const elsewhere = azurite.connectionString.replaceAll('127.0.0.1', 'storage.example.org');
	const starting = spawnHost({ appFolder, entry: 'main.ts', dataFolder: folder, storage: elsewhere });
	await expect(starting).rejects.toThrow('must be the URL of an emulator on this machine');
});
