import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHost, type TestHost } from '../../support/hosts/test-host.ts';
import {
	collect,
	type GraphClient,
	graphClient,
	type Json,
	poll,
	tokenFor,
} from '../../support/requests/graph-client.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { createProfile, syncRoster, untilIdle, uploadFiles } from '../../support/sync-story.ts';

/** Looking before writing, through the whole service. */

let host: TestHost;
let client: GraphClient;
let profile: string;

beforeAll(async () => {
	host = await startTestHost();
	client = graphClient(host, await tokenFor(host));
	profile = await createProfile(client);
});

afterAll(() => host?.dispose());

const schools = () => collect(client, '/beta/education/schools');
const endOf = (runId: unknown) =>
	poll(
		() => client.get(`${profile}/runs/${runId}`),
		({ body }) => body.outcome !== undefined,
	);

describe('a dry run', () => {
	let plan: string;

	test('writes nothing, and its plan can be read', async () => {
		await uploadFiles(client, profile, smallRoster());
		const { status, body } = await client.send('POST', `${profile}/start?dryRun=true`);
		expect([status, body.value]).toEqual([200, []]);
		const { body: run } = await endOf(body.runId);
		expect(run).toMatchObject({ isDryRun: true, outcome: 'success', directoryWrites: 0 });
		expect(await schools()).toEqual([]);
		plan = `${profile}/runs/${body.runId}/plan`;
		const { body: page, headers } = await client.get(plan);
		expect(page).toMatchObject({ counts: { school: { added: 2 }, studentEnrollment: { added: 5 } } });
		expect(headers.get('etag')).toBe(page['@odata.etag']);
	});

	test('is followed by a start of the same files, which does what was planned', async () => {
		const planned = await collect(client, `${plan}?$top=3`);
		expect((await client.send('POST', `${profile}/start`)).status).toBe(200);
		expect(await untilIdle(client, profile)).toMatchObject({ status: 'success' });
		const [run] = (await client.get(`${profile}/runs`)).body.value as Json[];
		expect(await collect(client, `${profile}/runs/${run?.id}/plan`)).toEqual(planned);
		expect(await schools()).toHaveLength(2);
		const csv = await client.get(`${profile}/runs/${run?.id}/plan?$format=csv`);
		expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
		expect(csv.text.trim().split('\r\n')).toHaveLength(planned.length + 1);
		// That of the dry run has served.
		expect((await client.get(plan)).status).toBe(404);
	});

	test('of what is in step plans nothing', async () => {
		await uploadFiles(client, profile, smallRoster());
		const { body } = await client.send('POST', `${profile}/start?dryRun=true`);
		await endOf(body.runId);
		const answer = await client.get(`${profile}/runs/${body.runId}/plan`);
		expect(answer.body).toMatchObject({ value: [], estimate: { writes: 0, seconds: 0 } });
		expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ directoryWrites: 0 });
	});
});

describe('an undo', () => {
	test('is looked at, named by its plan, and brings back what the run had changed', async () => {
		const members = async () => {
			const { body } = await client.get("/beta/education/classes?$filter=externalId eq 'C1'");
			const [found] = body.value as Json[];
			return (await collect(client, `/beta/education/classes/${found?.id}/members`)).map(({ id }) => id).sort();
		};
		const before = await members();
		const [header, ...rows] = String(smallRoster()['StudentEnrollment.csv']).trim().split('\r\n');
		const fewer = rows.filter((row) => !row.startsWith('C1,P1'));
		const changed = smallRoster({ 'StudentEnrollment.csv': `${[header, ...fewer].join('\r\n')}\r\n` });
		const run = await syncRoster(client, profile, changed);
		expect(await members()).not.toEqual(before);
		const undo = `${profile}/runs/${run.id}/undo`;
		const { body: dry } = await client.send('POST', undo);
		await endOf(dry.runId);
		const { headers } = await client.get(`${profile}/runs/${dry.runId}/plan`);
		const send = (etag: string) =>
			fetch(`${host.url}${undo}`, {
				method: 'POST',
				headers: { authorization: client.authorization, 'if-match': etag },
			});
		expect((await send('"another"')).status).toBe(412);
		const answer = await send(headers.get('etag') ?? '');
		expect(answer.status).toBe(200);
		const { runId } = (await answer.json()) as Json;
		expect((await endOf(runId)).body).toMatchObject({ reason: 'undo', outcome: 'success' });
		expect(await members()).toEqual(before);
	});
});
