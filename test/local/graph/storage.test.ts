import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { User } from '@microsoft/microsoft-graph-types';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';
import { type GraphServer, startGraphServer } from '../../../src/local/graph/graph-server.ts';
import { startFaultyStorage } from '../../support/hosts/faulty-storage.ts';
import { connect, linkTo, newUser, reference } from './support/graph-tenant.ts';

/** It outlives the servers. */
let azurite: Azurite;

beforeAll(async () => {
	azurite = await startAzurite({ preferUsualPorts: false, log() {} });
});
afterAll(() => azurite?.stop());

const tenantId = randomUUID();
const storageOf = (tableName: string) => ({ connectionString: azurite.connectionString, tableName });

async function start(tableName: string): Promise<GraphServer> {
	const server = await startGraphServer({ storage: storageOf(tableName), quotas: 'none' });
	onTestFinished(() => server.stop());
	return server;
}

interface List {
	value: { id: string }[];
}

test('a directory is after a restart what it was before', async () => {
	const first = await start('restarted');
	const before = await connect(first, tenantId);
	const [school, course] = [await before.makeSchool({ externalId: 's1' }), await before.makeClass()];
	const [ada, bea, cid] = [
		await before.makeUser({ displayName: 'Zoë 🎻' }),
		await before.makeUser(),
		await before.makeUser(),
	];
	await before.ask('PATCH', `/groups/${course.id}`, { body: { 'members@odata.bind': [ada, bea, cid].map(linkTo) } });
	await before.ask('DELETE', `/education/classes/${course.id}/members/${bea.id}/$ref`);
	await before.ask('POST', `/education/schools/${school.id}/users/$ref`, { body: reference(ada) });
	await before.ask('PATCH', `/users/${ada.id}`, { body: { department: 'Music' } });
	await before.ask('DELETE', `/users/${cid.id}`);
	const paths = [
		`/education/users/${ada.id}`,
		`/education/schools?$filter=externalId eq 's1'`,
		`/education/classes/${course.id}/members`,
		`/education/schools/${school.id}/users`,
		`/directory/deletedItems/microsoft.graph.user`,
		`/education/users`,
	];
	const read = async ({ ask }: typeof before) => {
		const answers = await Promise.all(paths.map((path) => ask('GET', path)));
		return answers.map(({ body }) => ({ ...body, '@odata.context': '' }));
	};
	const seen = await read(before);
	await first.stop();
	const after = await connect(await start('restarted'), tenantId);
	expect(await read(after)).toEqual(seen);
	expect(seen[0]).toMatchObject({ displayName: 'Zoë 🎻', department: 'Music' });
	await after.ask('POST', `/directory/deletedItems/${cid.id}/restore`);
	expect((await after.ask<List>('GET', `/groups/${course.id}/members`)).body.value.map(({ id }) => id)).toEqual([
		ada.id,
		cid.id,
	]);
});

test('a token of the server before is refused', async () => {
	const first = await start('tokens');
	const { token } = await connect(first, tenantId);
	await first.stop();
	const second = await start('tokens');
	const answer = await fetch(`${second.url}/v1.0/users`, { headers: { authorization: `Bearer ${token}` } });
	expect(answer.status).toBe(401);
});

test('what cannot be stored is not answered, and is there once storage is back', async () => {
	const storage = await startFaultyStorage(azurite.connectionString);
	onTestFinished(() => storage.stop());
	const { connectionString } = storage;
	const server = await startGraphServer({ storage: { connectionString, tableName: 'faulty' } });
	onTestFinished(() => server.stop());
	const { ask } = await connect(server, tenantId);
	storage.fault = 'refuses';
	const user = newUser();
	expect((await ask('POST', '/users', { body: user })).status).toBe(503);
	expect((await ask('GET', `/users/${user.userPrincipalName}`)).status).toBe(503);
	storage.fault = 'none';
	expect((await ask('GET', `/users/${user.userPrincipalName}`)).status).toBe(200);
	await server.stop();
	const again = await connect(await start('faulty'), tenantId);
	expect((await again.ask('GET', `/users/${user.userPrincipalName}`)).status).toBe(200);
});

const killedServer = fileURLToPath(new URL('./support/graph-process.ts', import.meta.url));

async function spawnServer(tableName: string): Promise<{ child: ChildProcess; url: string }> {
	const { connectionString } = azurite;
	const args = ['--disable-warning=ExperimentalWarning', killedServer, connectionString, tableName];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	onTestFinished(() => void child.kill('SIGKILL'));
	const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
	return { child, url };
}

test('a kill loses nothing that was answered, and leaves nothing half done', async () => {
	const { child, url } = await spawnServer('killed');
	const server = { url } as GraphServer;
	const { batch, makeGroup } = await connect(server, tenantId);
	const group = await makeGroup();
	const made: string[] = [];
	const linked: string[] = [];
	const enough = 300;
	/** Each lane makes 20 people and puts them into the group at once, until the server is gone. */
	async function lane(): Promise<void> {
		for (;;) {
			const users = await batch(Array.from({ length: 20 }, () => ({ method: 'POST', url: '/users', body: newUser() })));
			const ids = users.map(({ body }) => String(body?.id));
			made.push(...ids);
			if (made.length >= enough) child.kill('SIGKILL');
			const body = { 'members@odata.bind': ids.map((id) => linkTo({ id })) };
			const [added] = await batch([{ method: 'PATCH', url: `/groups/${group.id}`, body }]);
			if (added?.status === 204) linked.push(...ids);
		}
	}
	await Promise.allSettled([lane(), lane(), lane(), lane()]);
	expect(made.length).toBeGreaterThanOrEqual(enough);

	const { ask } = await connect(await start('killed'), tenantId);
	const users = new Set((await ask<{ value: User[] }>('GET', '/users?$top=999')).body.value.map(({ id }) => id));
	const members = new Set(
		(await ask<List>('GET', `/groups/${group.id}/members?$top=999`)).body.value.map(({ id }) => id),
	);
	expect(made.filter((id) => !users.has(id))).toEqual([]);
	expect(linked.filter((id) => !members.has(id))).toEqual([]);
	// All 20 links of a change are there, or none of them.
	expect(members.size % 20).toBe(0);
});
