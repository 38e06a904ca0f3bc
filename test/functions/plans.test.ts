import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePlan } from '../../src/services/sync/files/plan-files.ts';
import { writeClasses, writePlanIndex } from '../../src/services/sync/files/plan-index.ts';
import { changeProfile } from '../../src/services/sync/profile-changes.ts';
import { type ApiUnderTest, profilesUrl, startApi } from '../support/hosts/api-under-test.ts';
import type { Json } from '../support/requests/graph-client.ts';
import { profileBody } from '../support/rosters/profile-builder.ts';
import { newRun } from '../support/rosters/run-builder.ts';
import { otherTenant, ownTenant } from '../support/tenants.ts';
import { appDeps } from '../support/worlds/stores.ts';

let api: ApiUnderTest;
let plan: string;

const runId = '0a000000-0000-8000-8000-000000000001';
const people = Array.from({ length: 7 }, (_, at) => `P${at}`);

beforeAll(async () => {
	api = await startApi();
	const { body } = await api.call(profilesUrl, { method: 'POST', body: profileBody() });
	const run = { tenantId: ownTenant, profileId: String(body.id), runId };
	const { rosters, runs, profiles } = appDeps();
	await changeProfile(profiles, run, (profile) => ({ ...profile, state: 'provisioned' }));
	await runs.save(newRun(new Date(), { profileId: run.profileId, id: runId, outcome: 'success' }));
	const slices = (['student', 'studentEnrollment'] as const).map((kind) => ({ kind, shard: 0, part: 0 }));
	const lines = { student: people.map((id) => `A${id}`), studentEnrollment: people.map((id) => `AC1\x1f${id}`) };
	for (const place of slices)
		await writePlan(rosters, run, { ...place, bytes: Buffer.from(`${lines[place.kind].join('\n')}\n`) });
	await writeClasses(rosters, run, new Map([['C1', 'S1']]));
	const added = { added: 7, changed: 0, removed: 0, unchanged: 0, held: 0 };
	const counts = { student: added, studentEnrollment: added };
	await writePlanIndex(rosters, run, { etag: '"plan"', slices, counts, estimate: { writes: 8, seconds: 1 } });
	plan = `${profilesUrl}/${body.id}/runs/${runId}/plan`;
});

afterAll(() => api?.stop());

async function follow(first: string): Promise<Json[]> {
	const found: Json[] = [];
	for (let url: string | undefined = first; url; ) {
		const { body } = await api.call(url);
		found.push(...(body.value as Json[]));
		url = body['@odata.nextLink'] as string | undefined;
	}
	return found;
}

describe('the plan of a run', () => {
	test('is paged through by links, each change once', async () => {
		const all = await follow(`${plan}?$top=3`);
		expect(all).toHaveLength(14);
		expect(new Set(all.map((change) => JSON.stringify(change))).size).toBe(14);
	});

	test('is found by what a filter names, joined by "and"', async () => {
		const filter = "$filter=kind eq 'STUDENTENROLLMENT' and class eq 'c1' and school eq 'S1' and operation eq 'add'";
		expect(await follow(`${plan}?${filter}&$top=2`)).toHaveLength(7);
		const { body } = await api.call(`${plan}?${filter}&$count=true&$top=0`);
		expect(body).toMatchObject({ '@odata.count': 7, value: [], counts: { student: { added: 7 } } });
	});

	test.each(["$filter=kind ne 'student'", "$filter=person eq 'P1'", '$orderby=kind', '$format=xml', '$skiptoken=x'])(
		'cannot be asked for with %s',
		async (query) => {
			expect((await api.call(`${plan}?${query}`)).status).toBe(400);
		},
	);

	test('is CSV for whoever asks for it, whole, whatever the page', async () => {
		for (const answer of [
			await api.call(`${plan}?$format=csv&$top=1`),
			await api.call(plan, { headers: { accept: 'text/csv' } }),
		]) {
			expect(answer.text?.trim().split('\r\n')).toHaveLength(15);
			expect(answer.headers).toMatchObject({ etag: '"plan"', 'content-type': 'text/csv; charset=utf-8' });
		}
		const { text } = await api.call(`${plan}?$format=csv&$filter=kind eq 'student'`);
		expect(text?.trim().split('\r\n')).toHaveLength(8);
		expect((await api.call(`${plan}?$format=json`, { headers: { accept: 'text/csv' } })).text).toBeUndefined();
	});

	test('is nothing of another tenant’s, and may be read by whoever may read', async () => {
		expect((await api.call(plan, { claims: { tid: otherTenant } })).status).not.toBe(200);
		const { status } = await api.call(plan, { claims: { roles: ['EduAdministration.Read.All'] } });
		expect(status).toBe(200);
	});
});
