import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BlobServiceClient } from '@azure/storage-blob';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { build } from 'rolldown';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import config from '../../rolldown.config.ts';
import { type SpawnedHost, type SpawnHostOptions, spawnHost } from '../../src/local/process/spawn-host.ts';
import { expectSoon } from './support/soon.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url).pathname;
const main = new URL('../../src/local/main.ts', import.meta.url).pathname;

let folder: string;
let dataFolder: string;
let record: string;
let hosts: SpawnedHost[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'host-'));
	dataFolder = join(folder, 'data');
	record = join(folder, 'calls');
});
afterEach(async () => {
	await Promise.all(hosts.map((host) => host.stop()));
	for (const { azuritePid } of hosts) await expectSoon(() => isAlive(azuritePid)).toBe(false);
	hosts = [];
	rmSync(folder, { recursive: true, force: true });
});

async function start(app: string, options: SpawnHostOptions = {}): Promise<SpawnedHost> {
	const settings = { RECORD_FILE: record };
	const host = await spawnHost({ appFolder: fixture(app), entry: 'main.ts', dataFolder, settings, ...options });
	hosts.push(host);
	return host;
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function kill(host: SpawnedHost): Promise<void> {
	process.kill(host.pid, 'SIGKILL');
	expect(await host.ended).toBe('SIGKILL');
}

interface Call {
	reference: { Connection: string; ContainerName: string; BlobName: string };
	metadata: { blobTrigger: string; uri: string; name?: string };
}

const calls = (): Call[] => {
	const lines = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : [];
	return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
};
const calledFor = () => calls().map(({ metadata }) => metadata.blobTrigger);

function uploads({ connectionString }: SpawnedHost) {
	return BlobServiceClient.fromConnectionString(connectionString).getContainerClient('uploads');
}

/** Runs the start script as a user does. */
async function run(...args: string[]) {
	const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
		cwd: fixture('http-app'),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const output = { stdout: '', stderr: '' };
	child.stdout.setEncoding('utf8').on('data', (part: string) => {
		output.stdout += part;
	});
	child.stderr.setEncoding('utf8').on('data', (part: string) => {
		output.stderr += part;
	});
	return { child, output, exit: once(child, 'close').then(([code]) => code as number) };
}

describe('storage', () => {
	test('survives a SIGKILL of the host to the last acknowledged write, and no Azurite stays behind', async () => {
		const first = await start('timer-app');
		const container = uploads(first);
		await container.create();
		for (let index = 0; index < 20; index += 1) await container.getBlockBlobClient(`${index}`).upload('x', 1);
		await kill(first);
		// At once: the old Azurite may still be saving.
		const second = await start('timer-app');
		const names = [];
		for await (const { name } of uploads(second).listBlobsFlat()) names.push(name);
		expect(names).toHaveLength(20);
		await expectSoon(() => isAlive(first.azuritePid)).toBe(false);
	});

	test('and keys are the same after a restart, so that tokens stay valid', async () => {
		const first = await start('timer-app');
		const keysOf = async ({ authority }: SpawnedHost) =>
			await (await fetch(`${authority}/common/discovery/v2.0/keys`)).json();
		const keys = await keysOf(first);
		const systemKeys = readFileSync(join(dataFolder, 'system-keys.json'), 'utf8');
		await first.stop();
		const second = await start('timer-app');
		expect(await keysOf(second)).toEqual(keys);
		expect(readFileSync(join(dataFolder, 'system-keys.json'), 'utf8')).toBe(systemKeys);
	});

	test('that ends by itself ends the host, which says so', async () => {
		const host = await start('timer-app');
		process.kill(host.azuritePid, 'SIGTERM');
		expect(await host.ended).toBe(1);
		expect(host.log()).toContain('The storage emulator has ended unexpectedly');
	});

	test('in memory leaves nothing in the data folder but keys', async () => {
		const host = await start('timer-app', { inMemory: true });
		await host.stop();
		expect(readdirSync(dataFolder).sort()).toEqual(['issuer-key.json', 'secrets-key.json', 'system-keys.json']);
	});
});

describe('a data folder', () => {
	test('has one host at a time; the second one says who has it', async () => {
		const host = await start('timer-app');
		await expect(start('timer-app')).rejects.toThrow(`is in use by process ${host.pid}`);
	});

	test('of a killed host is taken over', async () => {
		const first = await start('timer-app');
		await kill(first);
		const second = await start('timer-app');
		expect((await fetch(`${second.url}/admin/host/ping`)).status).toBe(200);
	});
});

describe('a blob function of a real app', () => {
	test('gets a reference, and names that its path binds', async () => {
		const host = await start('blob-app');
		await uploads(host).create();
		await uploads(host).getBlockBlobClient('a/b.csv').upload('x', 1);
		await expectSoon(calls).toHaveLength(1);
		expect(calls()[0]).toMatchObject({
			reference: { Connection: 'ROSTER_STORAGE', ContainerName: 'uploads', BlobName: 'a/b.csv' },
			metadata: { blobTrigger: 'uploads/a/b.csv', name: 'a/b.csv' },
		});
	});

	test('is called again for a delivery that was running when the host was killed', async () => {
		writeFileSync(`${record}.kill`, '');
		const first = await start('blob-app');
		await uploads(first).create();
		await uploads(first).getBlockBlobClient('a.csv').upload('x', 1);
		expect(await first.ended).toBe('SIGKILL');
		rmSync(`${record}.kill`);
		await start('blob-app');
		await expectSoon(calledFor).toEqual(['uploads/a.csv', 'uploads/a.csv']);
	});

	test('never hears of the private container', async () => {
		const host = await start('blob-app');
		const service = BlobServiceClient.fromConnectionString(host.connectionString);
		for (const name of ['rosters', 'uploads']) {
			const { containerClient } = await service.createContainer(name);
			await containerClient.getBlockBlobClient('x').upload('x', 1);
		}
		await expectSoon(calledFor).toEqual(['uploads/x']);
	});

	test('is reached through the webhook with its system key', async () => {
		const host = await start('blob-app');
		await uploads(host).create();
		const { blobs_extension: key } = JSON.parse(readFileSync(join(dataFolder, 'system-keys.json'), 'utf8'));
		const call = (code: string) =>
			fetch(`${host.url}/runtime/webhooks/blobs?functionName=Host.Functions.uploadedFile&code=${code}`, {
				method: 'POST',
				headers: { 'aeg-event-type': 'SubscriptionValidation' },
				body: JSON.stringify([{ data: { validationCode: 'c' } }]),
			});
		expect((await call('wrong')).status).toBe(401);
		expect(await (await call(key)).json()).toEqual({ validationResponse: 'c' });
	});
});

describe('a durable app', () => {
	const startSum = ({ url }: SpawnedHost, id: string) =>
		fetch(`${url}/sums/${id}`, { method: 'POST', body: JSON.stringify({ values: [1, 2, 3] }) });
	const read =
		({ url }: SpawnedHost, id: string) =>
		async () =>
			await (await fetch(`${url}/sums/${id}`)).json();
	const finished = { runtimeStatus: 'Completed', output: { sum: 14 } };

	test('runs its orchestrations, and hands out links that carry the system key', async () => {
		const host = await start('durable-app', { inMemory: true });
		const started = await startSum(host, 'one');
		expect(started.status).toBe(202);
		await expectSoon(read(host, 'one')).toEqual(finished);
		const { statusQueryGetUri } = (await started.json()) as { statusQueryGetUri: string };
		expect(statusQueryGetUri.startsWith(`${host.url}/runtime/webhooks/durabletask/instances/one`)).toBe(true);
		expect(await (await fetch(statusQueryGetUri)).json()).toMatchObject({ runtimeStatus: 'Completed' });
		expect((await fetch(statusQueryGetUri.replace(/code=[^&]*/, 'code=wrong'))).status).toBe(401);
	});

	test('goes on where it was when the host was killed', async () => {
		writeFileSync(`${record}.hold`, '');
		const first = await start('durable-app');
		await startSum(first, 'one');
		await expectSoon(() => existsSync(`${record}.running`)).toBe(true);
		await kill(first);
		rmSync(`${record}.hold`);
		const second = await start('durable-app');
		await expectSoon(read(second, 'one')).toEqual(finished);
	});

	test('stops at once while an orchestration waits', async () => {
		writeFileSync(`${record}.hold`, '');
		const host = await start('durable-app', { inMemory: true });
		await startSum(host, 'one');
		await host.stop();
		expect(await host.ended).toBe(0);
	});
});

test('an app bundled to one file runs like its sources', async () => {
	const file = join(folder, 'dist', 'main.mjs');
	const { output } = config;
	const input = join(fixture('blob-app'), 'main.ts');
	await build({ ...config, input, output: { ...output, file, sourcemap: false }, logLevel: 'silent' });
	const host = await start('blob-app', { entry: file, inMemory: true });
	await uploads(host).create();
	await uploads(host).getBlockBlobClient('a.csv').upload('x', 1);
	await expectSoon(calledFor).toEqual(['uploads/a.csv']);
	expect((await fetch(`${host.url}/ping`)).status).toBe(200);
});

test('a timer runs by hand, with the payload that Azure sends', async () => {
	const host = await start('timer-app', { inMemory: true });
	const response = await fetch(`${host.url}/admin/functions/resync`, { method: 'POST', body: '{"input":""}' });
	expect(response.status).toBe(202);
	const runs = async () => await (await fetch(`${host.url}/runs`)).json();
	const scheduleStatus = {
		last: '0001-01-01T00:00:00',
		next: expect.stringMatching(/^\d{4}-01-01T00:00:00\+00:00$/),
		lastUpdated: expect.stringMatching(/\+00:00$/),
	};
	await expectSoon(runs).toEqual([{ schedule: { adjustForDST: true }, scheduleStatus, isPastDue: false }]);
});

test('the token issuer of the host gives tokens for the audience of the app', async () => {
	const { authority, tenantId, audience } = await start('timer-app', { inMemory: true });
	const form = {
		grant_type: 'client_credentials',
		client_id: 'me',
		client_secret: 's',
		scope: `api://${audience}/.default`,
	};
	const body = new URLSearchParams(form);
	const response = await fetch(`${authority}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body });
	const { access_token: token } = (await response.json()) as { access_token: string };
	const keys = createRemoteJWKSet(new URL(`${authority}/${tenantId}/discovery/v2.0/keys`));
	const verified = await jwtVerify(token, keys, { issuer: `${authority}/${tenantId}/v2.0`, audience });
	expect(verified.payload.tid).toBe(tenantId);
});

test('an app that uses what the host does not have is refused by the feature and the function', async () => {
	const starting = start('refused-app', { inMemory: true });
	await expect(starting).rejects.toThrow('function "queued" uses the trigger "queueTrigger"');
});

test('a host ends when the program that started it has ended', async () => {
	const module = new URL('../../src/local/process/spawn-host.ts', import.meta.url).href;
	const options = JSON.stringify({ appFolder: fixture('timer-app'), entry: 'main.ts', inMemory: true });
	const script = `const { spawnHost } = await import('${module}');
		const { pid, azuritePid } = await spawnHost(${options});
		console.log(JSON.stringify([pid, azuritePid]));
		process.kill(process.pid, 'SIGKILL');`;
	const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
	const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const pids = JSON.parse(await text(parent.stdout)) as number[];
	for (const pid of pids) await expectSoon(() => isAlive(pid)).toBe(false);
});

describe('the start script', () => {
	test('shows where everything is, and stops with code 0 at one Ctrl-C', async () => {
		const { child, output, exit } = await run('--port', '0', '--data', dataFolder, '--entry', 'main.ts');
		await expectSoon(() => output.stdout).toContain('Ctrl-C stops everything');
		const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\/beta\/education\/synchronizationProfiles)/.exec(output.stdout) ?? [];
		expect((await fetch(`${url}/v1/items`)).status).toBe(200);
		expect(output.stdout).toContain(dataFolder);
		// As under npm, which passes the terminal's Ctrl-C on to a process that has it already.
		child.kill('SIGINT');
		child.kill('SIGINT');
		expect(await exit).toBe(0);
		expect(existsSync(join(dataFolder, 'host.lock'))).toBe(false);
	});

	test('ends with code 2 and one clear line when the given port is taken', async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as { port: number };
		const { output, exit } = await run('--port', `${port}`, '--in-memory', '--entry', 'main.ts');
		expect(await exit).toBe(2);
		expect(output.stderr).toBe(`Cannot listen on port ${port}: it is taken; choose another one\n`);
		server.close();
	});

	test('ends with code 2 and the usage for an unknown option, and shows the usage when asked', async () => {
		const wrong = await run('--prot', '1');
		expect(await wrong.exit).toBe(2);
		expect(wrong.output.stderr).toContain('Usage: npm start');
		const asked = await run('--help');
		expect(await asked.exit).toBe(0);
		expect(asked.output.stdout).toContain('--in-memory');
	});

	test('ends with code 1 and one line when the app cannot be loaded', async () => {
		const { output, exit } = await run('--port', '0', '--in-memory', '--entry', 'gone.ts');
		expect(await exit).toBe(1);
		expect(output.stderr).toMatch(/^Cannot load the app: its entry ".*gone\.ts" does not exist\n$/);
	});
});
