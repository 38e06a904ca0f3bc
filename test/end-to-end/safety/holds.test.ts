import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type GraphClient, graphClient, type Json, poll, tokenFor } from '../../support/requests/graph-client.ts';
import { createProfile, syncRoster, untilIdle } from '../../support/sync-story.ts';

/** The export that admins fear: a header, and no rows. */

let host: TestHost;
let client: GraphClient;
let profile: string;

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
const students = Array.from({ length: 30 }, (_, at) => `P${at}`);
const person = (id: string) => `${id},S1,First,Last,${id.toLowerCase()},Welcome-2026!`;
const roster = (enrollments: readonly string[]) => ({
	'School.csv': lines('SIS ID,Name', 'S1,North'),
	'Section.csv': lines('SIS ID,School SIS ID,Section Name', 'C1,S1,Maths', 'C2,S1,Latin'),
	'Student.csv': lines('SIS ID,School SIS ID,First Name,Last Name,Username,Password', ...students.map(person)),
	'Teacher.csv': lines('SIS ID,School SIS ID,First Name,Last Name,Username,Password', person('T1')),
	'StudentEnrollment.csv': lines('Section SIS ID,SIS ID', ...enrollments),
	'TeacherRoster.csv': lines('Section SIS ID,SIS ID', 'C1,T1', 'C2,T1'),
});
const enrollments = students.flatMap((id) => [`C1,${id}`, `C2,${id}`]);

beforeAll(async () => {
	host = await startTestHost();
	client = graphClient(host, await tokenFor(host));
	profile = await createProfile(client);
	await syncRoster(client, profile, roster(enrollments));
});

afterAll(() => host?.dispose());

async function membersOf(name: string): Promise<number> {
	const { body } = await client.get(`/beta/education/classes?$filter=externalId eq '${name}'`);
	const [found] = body.value as Json[];
	const { text } = await client.get(`/beta/education/classes/${found?.id}/members/$count`);
	return Number(text.replace(/\D/g, ''));
}

const status = async () =>
	(await client.get(`${profile}/profileStatus`, { prefer: 'include-unknown-enum-members' })).body;

describe('enrollments that have a header and no rows', () => {
	let holds: string;
	let etag: string;

	test('remove nobody; the profile waits and says so', async () => {
		const run = await syncRoster(client, profile, roster([]));
		expect(run).toMatchObject({ outcome: 'success', heldRemovals: 60, directoryWrites: 0 });
		expect([await membersOf('C1'), await membersOf('C2')]).toEqual([31, 31]);
		expect(await status()).toMatchObject({ status: 'quarantined', statusMessage: expect.stringMatching(/^Held: 60 /) });
		holds = `${profile}/runs/${run.id}/holds`;
		const { body, headers } = await client.get(holds);
		expect(body.value).toMatchObject([{ scope: 'file', kind: 'studentEnrollment', removals: 60, people: 30 }]);
		etag = headers.get('etag') ?? '';
		expect(etag).toMatch(/^".+"$/);
	});

	test('are discarded by whoever wants to leave things as they are, and held again', async () => {
		const discarded = await fetch(`${host.url}${holds}/discard`, {
			method: 'POST',
			headers: { authorization: client.authorization, 'if-match': etag },
		});
		expect(discarded.status).toBe(200);
		expect(await status()).toMatchObject({ status: 'success', statusMessage: expect.stringMatching(/^Processed /) });
		expect(await membersOf('C1')).toBe(31);
		const run = await syncRoster(client, profile, roster([]));
		expect(await status()).toMatchObject({ status: 'quarantined' });
		holds = `${profile}/runs/${run.id}/holds`;
		// The same is held, and so it goes by the same name.
		expect((await client.get(holds)).headers.get('etag')).toBe(etag);
	});

	test('are approved by whoever has looked at them, and by nobody else', async () => {
		const approve = (headers: Record<string, string>) =>
			fetch(`${host.url}${holds}/approve`, {
				method: 'POST',
				headers: { authorization: client.authorization, ...headers },
			});
		expect((await approve({})).status).toBe(400);
		expect((await approve({ 'if-match': '"another"' })).status).toBe(412);
		expect((await approve({ 'if-match': etag })).status).toBe(200);
		await untilIdle(client, profile);
		expect([await membersOf('C1'), await membersOf('C2')]).toEqual([1, 1]);
		expect(await status()).toMatchObject({ status: 'success' });
		// It is the run before the latest now.
		expect((await approve({ 'if-match': etag })).status).toBe(409);
		const { body } = await poll(
			() => client.get(`${profile}/runs`),
			({ body: { value } }) => (value as Json[]).every(({ outcome }) => outcome !== undefined),
		);
		expect((body.value as Json[])[0]).toMatchObject({ reason: 'approval', outcome: 'success' });
	});
});

describe('the command', () => {
	let folder: string;

	beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'sds-holds-'));
	});

	afterAll(() => rm(folder, { recursive: true, force: true }));

	async function run(files: Record<string, string>, ...options: string[]): Promise<{ exitCode: number; said: string }> {
		for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
		const main = path.join(root, 'src/cli/main.ts');
		const token = client.authorization.replace('Bearer ', '');
		const line = [
			'--disable-warning=ExperimentalWarning',
			main,
			folder,
			'--url',
			host.url,
			'--token',
			token,
			...options,
		];
		const { exitCode, stdout } = await new Promise<{ exitCode: number; stdout: string }>((resolve) => {
			const command = execFile(process.execPath, line, (_, out) =>
				resolve({ exitCode: command.exitCode ?? -1, stdout: out }),
			);
		});
		return { exitCode, said: stdout.replace(/\s+/g, ' ') };
	}

	test('says what is held, ends with 1, and carries it out when it is told to', async () => {
		expect((await run(roster(enrollments))).exitCode).toBe(0);
		const held = await run(roster([]));
		expect(held.exitCode).toBe(1);
		expect(held.said).toContain('Held: 60 memberships would be removed');
		expect(held.said).toContain('Nothing was written to the directory.');
		const [, id = ''] = /--approve ([0-9a-f-]{36})/.exec(held.said) ?? [];
		expect(await membersOf('C1')).toBe(31);
		const approved = await run({}, '--approve', id);
		expect(approved.said).toContain('Synced in');
		expect([approved.exitCode, await membersOf('C1')]).toEqual([0, 1]);
		const again = await run({}, '--approve', id);
		expect(again.exitCode).toBe(2);
	});
});
