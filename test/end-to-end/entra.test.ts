import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GraphServer, startGraphServer } from '../../src/local/graph/graph-server.ts';
import { firstTenant, startTestHost, type TestHost } from '../support/hosts/test-host.ts';
import { type GraphClient, graphClient, tokenFor } from '../support/requests/graph-client.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { createProfile, creationProfile, syncRoster } from '../support/sync-story.ts';

/** The packaged app writes to Microsoft Entra ID: here, a Microsoft Graph on this machine. */

let graph: GraphServer;
let host: TestHost;
let client: GraphClient;

const skuId = creationProfile.licensesToAssign[0]?.skuIds[0] as string;

beforeAll(async () => {
	graph = await startGraphServer({
		tenant: {
			verifiedDomains: ['students.example.org', 'example.org'],
			skus: [{ skuId, skuPartNumber: 'STANDARDWOFFPACK_FACULTY', enabled: 100 }],
		},
	});
	host = await startTestHost({ settings: { DIRECTORY: 'graph', GRAPH_BASE_URL: graph.url } });
	client = graphClient(host, await tokenFor(host));
});

afterAll(async () => {
	await host?.dispose();
	await graph?.stop();
});

async function tokenOfGraph(): Promise<string> {
	const form = { grant_type: 'client_credentials', client_id: 'a', client_secret: 'b', scope: `${graph.url}/.default` };
	const body = new URLSearchParams(form);
	const response = await fetch(`${graph.url}/${firstTenant}/oauth2/v2.0/token`, { method: 'POST', body });
	return ((await response.json()) as { access_token: string }).access_token;
}

async function listed(path: string): Promise<Record<string, unknown>[]> {
	const headers = { authorization: `Bearer ${await tokenOfGraph()}` };
	const response = await fetch(`${graph.url}/v1.0${path}`, { headers });
	return ((await response.json()) as { value: Record<string, unknown>[] }).value;
}

test('a roster gets there whole, and once: schools, classes, people, licences, and who is where', async () => {
	const profile = await createProfile(client);
	const run = await syncRoster(client, profile, smallRoster());
	expect(run).toMatchObject({ outcome: 'success' });
	const [schools, classes, users] = [
		await listed('/education/schools'),
		await listed('/education/classes'),
		await listed('/education/users'),
	];
	const rows = (name: string) => String(smallRoster()[name]).trim().split('\n').length - 1;
	expect([schools.length, classes.length, users.length]).toEqual([
		rows('School.csv'),
		rows('Section.csv'),
		rows('Student.csv') + rows('Teacher.csv'),
	]);
	const members = await Promise.all(classes.map(({ id }) => listed(`/education/classes/${id}/members`)));
	const teachers = await Promise.all(classes.map(({ id }) => listed(`/education/classes/${id}/teachers`)));
	expect(members.flat().length).toBe(rows('StudentEnrollment.csv') + rows('TeacherRoster.csv'));
	expect(teachers.flat().length).toBe(rows('TeacherRoster.csv'));
	const inSchools = await Promise.all(schools.map(({ id }) => listed(`/education/schools/${id}/users`)));
	expect(new Set(inSchools.flat().map(({ id }) => id)).size).toBe(users.length);
	const licensed = users.filter(({ assignedLicenses }) => JSON.stringify(assignedLicenses)?.includes(skuId));
	expect(licensed.every(({ primaryRole }) => primaryRole === 'teacher')).toBe(true);
	expect(licensed.length).toBe(rows('Teacher.csv'));

	const before = graph.counts().writes;
	expect(await syncRoster(client, profile, smallRoster())).toMatchObject({ outcome: 'success', directoryWrites: 0 });
	expect(graph.counts().writes).toBe(before);
	// Graph has nothing to complain of, and the service nothing to hide.
	expect(graph.counts().throttled).toBe(0);
	expect(host.log()).not.toContain('students.example.org');
});
