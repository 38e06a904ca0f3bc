import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstTenant, root, secondTenant, startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import { type CurlRunner, isCurlHere, replayByFetch, runCurl } from '../../support/requests/curl-replay.ts';
import { collect, graphClient, type Json, tokenFor } from '../../support/requests/graph-client.ts';
import { type CurlStep, curlSteps, filledIn, recipe } from '../../support/requests/recipes.ts';
import { smallRoster } from '../../support/rosters/roster.ts';

/** The recipes of docs/clients.md, taken from the page as a reader takes them. Only addresses and names are filled in. */

/** One for each recipe: what is in a directory is of that recipe alone. */
const thirdTenant = '33333333-3333-4333-8333-333333333333';
let host: TestHost;
let folder: string;

beforeAll(async () => {
	host = await startTestHost({ settings: { AUTH_TENANTS: `${firstTenant},${secondTenant},${thirdTenant}` } });
	folder = await mkdtemp(path.join(tmpdir(), 'sds-recipes-'));
	for (const [name, content] of Object.entries(smallRoster())) await writeFile(path.join(folder, name), content);
	await writeFile(path.join(folder, 'profile.json'), await recipe('curl', 'json'));
	await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
});

afterAll(async () => {
	await host?.dispose();
	await rm(folder, { recursive: true, force: true });
});

async function peopleOf(tenant: string): Promise<Json[]> {
	return collect(graphClient(host, await tokenFor(host, tenant)), '/beta/education/users');
}

/** As `npm start` prints them. */
const local = (text: string) =>
	text.replaceAll('https://<api>', host.url).replaceAll('https://login.microsoftonline.com', host.authority);

/** A step whose comment says so is repeated; what its answer is to give to later steps goes into `values`. */
async function follow({ comment, args }: CurlStep, values: Map<string, string>, run: CurlRunner): Promise<string> {
	const [, awaited, wanted] = /^repeat until "(\w+)" is "(\w+)"/.exec(comment) ?? [];
	const [, given, names] = /^"(\w+)" is (<.*>)$/.exec(comment) ?? [];
	for (;;) {
		const text = await run(
			args.map((argument) => filledIn(local(argument), values)),
			folder,
		);
		const answer = (text === '' ? {} : JSON.parse(text)) as Json;
		if (answer.error) throw new Error(`${args.join(' ')} answered ${text}`);
		if (awaited && answer[awaited] !== wanted) {
			if (['error', 'validationError'].includes(String(answer[awaited]))) throw new Error(`It ended with ${text}`);
			await new Promise((resolve) => setTimeout(resolve, 100));
			continue;
		}
		const parts = names?.includes('?') ? String(answer[given ?? '']).split('?') : [answer[given ?? '']];
		for (const [at, name] of (names?.split('?') ?? []).entries()) values.set(name.slice(1, -1), String(parts[at]));
		return text;
	}
}

if (!isCurlHere) console.warn('curl is not on this machine: fetch makes the requests of its recipe instead.');

describe('the recipe for curl', () => {
	test.each([
		{
			by: isCurlHere ? 'curl' : 'fetch in place of curl, which is not here',
			run: isCurlHere ? runCurl : replayByFetch,
			tenant: firstTenant,
		},
		{ by: 'fetch', run: replayByFetch, tenant: secondTenant },
	])('syncs a roster, run by $by', async ({ run, tenant }) => {
		const values = new Map([
			['tenant id', tenant],
			['client id', 'curl-client'],
			['client secret', 'any & every = 100%'],
			['api client id', host.audience],
		]);
		const steps = curlSteps(await recipe('curl', 'sh'));
		const answers: string[] = [];
		for (const step of steps) answers.push(await follow(step, values, run));
		expect(JSON.parse(answers.at(-1) ?? '')).toMatchObject({ value: [] });
		expect(answers.filter((text) => text === '')).toHaveLength(Object.keys(smallRoster()).length);
		expect(await peopleOf(tenant)).toHaveLength(6);
	});
});

describe('the recipe for the Graph SDK', () => {
	async function runRecipe(roster: string, scheme = 'https'): Promise<{ stdout: string; stderr: string }> {
		const program = path.join(folder, 'recipe.mjs');
		await writeFile(program, await recipe('Graph SDK for JavaScript', 'js'));
		const front = path.join(root, 'test/support/hosts/tls-front.mjs');
		return promisify(execFile)(process.execPath, ['--import', front, program], {
			env: {
				...process.env,
				API_URL: `${host.url.replace('http', scheme)}/`,
				AUTHORITY: host.authority,
				API_CLIENT_ID: host.audience,
				TENANT_ID: thirdTenant,
				CLIENT_ID: 'sdk-client',
				CLIENT_SECRET: 'any',
				ROSTER: roster,
			},
		});
	}

	test('syncs a roster', async () => {
		expect(await runRecipe(folder)).toEqual({ stdout: 'success\n', stderr: '' });
		expect(await peopleOf(thirdTenant)).toHaveLength(6);
	});

	test('shows why a roster is refused, page by page', async () => {
		const faulty = await mkdtemp(path.join(tmpdir(), 'sds-recipes-'));
		const rows = Array.from({ length: 150 }, (_, at) => `P${at},S9,Zoë,Ardent,zardent${at},Welcome-2026!\r\n`);
		const header = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password\r\n';
		const files = smallRoster({ 'Student.csv': header + rows.join('') });
		for (const [name, content] of Object.entries(files)) await writeFile(path.join(faulty, name), content);
		const { stdout, stderr } = await runRecipe(faulty);
		await rm(faulty, { recursive: true });
		expect(stderr).not.toBe('');
		expect(stdout).toMatch(/^validationError\n/);
		expect(new Set(stdout.match(/^Student P\d+ /gim)).size).toBe(150);
	});

	test('gets no further over http, where the SDK sends no token', async () => {
		await expect(runRecipe(folder, 'http')).rejects.toMatchObject({
			stderr: expect.stringContaining('statusCode: 401'),
		});
	});
});
