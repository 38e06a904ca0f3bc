import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Orchestrations, ProfileRef } from '../../src/ports.ts';
import { provisionProfile, removeProfile } from '../../src/services/profiles/provisioning.ts';
import { writePlan } from '../../src/services/sync/files/plan-files.ts';
import { writeClasses, writePlanIndex } from '../../src/services/sync/files/plan-index.ts';
import { writeJson } from '../../src/services/sync/files/roster-files.ts';
import { holdsPath } from '../../src/services/sync/files/roster-paths.ts';
import { type ApiCall, type ApiUnderTest, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';
import { matchingBody, matchingOption, profileBody } from '../support/rosters/profile-builder.ts';
import { smallRoster } from '../support/rosters/roster.ts';
import { ownTenant } from '../support/tenants.ts';
import { appDeps } from '../support/worlds/stores.ts';

/**
 * One request and its answer for every operation, in both dialects, as files to read beside the documentation: `golden/graph`
 * and `golden/2017`. `npx vitest run golden -u` writes them anew.
 */

let api: ApiUnderTest;

beforeAll(async () => {
	api = await startApi();
});

afterAll(() => api?.stop());

/** Ids and times are others each time: they are named in the order in which they appear. */
function stable(text: string, names: Map<string, string>): string {
	const named = (kind: string) => (found: string) => {
		const key = found.toLowerCase();
		const name =
			names.get(key) ?? `<${kind} ${[...names.values()].filter((each) => each.startsWith(`<${kind}`)).length + 1}>`;
		names.set(key, name);
		return name;
	};
	return text
		.replaceAll(/http:\/\/127\.0\.0\.1:\d+\/devstoreaccount1/g, 'https://rosters.blob.core.windows.net')
		.replaceAll(/"request-id": "[0-9a-f-]{36}"/g, '"request-id": "<request id>"')
		.replaceAll(/(?<!0001-01-01T.*)20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>')
		.replaceAll(/\?sv=[^"]*/g, '?<signature>')
		.replaceAll(/(\$skiptoken|skipToken)=[\w%-]+/g, '$1=<opaque>')
		.replaceAll(/(?!11111111-|6fd2c87f-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, named('id'));
}

const shownHeaders = ['location', 'Allow', 'Retry-After', 'WWW-Authenticate', 'client-request-id', 'content-type'];

describe.each([
	['graph', '/beta/education/synchronizationProfiles'],
	['2017', '/synchronizationProfiles'],
])('the dialect of %s', (dialect, root) => {
	const names = new Map<string, string>();
	let profile: string;

	/** Compares with the file of that name. */
	async function golden(name: string, path: string, call: ApiCall = {}) {
		const answer = await api.call(`${serviceUrl}${path}`, call);
		const headers = Object.fromEntries(Object.entries(answer.headers).filter(([each]) => shownHeaders.includes(each)));
		const { method = 'GET', body } = call;
		const pair = {
			request: { method, path, ...(call.headers ? { headers: call.headers } : {}), ...(body ? { body } : {}) },
			response: { status: answer.status, headers, body: answer.text ?? answer.body },
		};
		const text = `${stable(JSON.stringify(pair, null, 2), names)}\n`;
		await expect(text).toMatchFileSnapshot(`./golden/${dialect}/${name}.json`);
		return answer;
	}

	/** Does what the orchestrations that were started would do. */
	async function settle(): Promise<void> {
		const nothingRuns = { endSync: async () => {} } as unknown as Orchestrations;
		for (const { name, input } of api.durable.started.splice(0)) {
			if (name === 'provisionProfile') await provisionProfile(appDeps(), input as ProfileRef);
			if (name === 'removeProfile') await removeProfile(appDeps(), nothingRuns, input as ProfileRef);
		}
	}

	async function upload(changes: Record<string, string> = {}): Promise<void> {
		const { body } = await api.call(`${serviceUrl}${profile}/uploadUrl`);
		const [container, signature] = String(body.value).split('?') as [string, string];
		for (const [name, text] of Object.entries(smallRoster(changes))) {
			const headers = { 'x-ms-blob-type': 'BlockBlob' };
			await fetch(`${container}/${name}?${signature}`, { method: 'PUT', headers, body: text as string });
		}
	}

	const idOf = () => profile.slice(root.length + 1);

	/** What the engine would have made of the run. */
	async function finish(status: 'success' | 'error'): Promise<void> {
		const { profiles, runs } = appDeps();
		const stored = await profiles.get(ownTenant, idOf());
		api.durable.statuses.set(`sync-${idOf()}`, 'Completed');
		const run = await runs.get(idOf(), stored?.profile.latestRunId ?? '');
		const now = '2026-03-02T10:00:00Z';
		if (run) await runs.save({ ...run, phase: 'finish', outcome: status, finishedDateTime: now });
		if (stored) await profiles.replace(stored, { ...stored.profile, status, lastSynchronizationDateTime: now });
	}

	/** As a run leaves a profile some of whose removals wait. Answers the run. */
	async function quarantine(held: { etag: string; holds: readonly object[] }): Promise<string> {
		const { profiles, rosters } = appDeps();
		const stored = await profiles.get(ownTenant, idOf());
		const runId = stored?.profile.latestRunId as string;
		await writeJson(rosters, holdsPath({ tenantId: ownTenant, profileId: idOf(), runId }), held);
		if (stored) await profiles.replace(stored, { ...stored.profile, status: 'quarantined', statusMessage: 'Held' });
		return runId;
	}

	test('has a profile that is created, listed and read', async () => {
		const created = await golden('createProfile', root, { method: 'POST', body: profileBody() });
		profile = `${root}/${created.body.id}`;
		await golden('startProfile-not-provisioned', `${profile}/start`, { method: 'POST' });
		await golden('updateProfile-provisioning', profile, { method: 'PATCH', body: { displayName: 'Too early' } });
		await settle();
		await golden('getProfile', profile);
		await golden('getProfile-by-key', `${root}('${idOf()}')?$expand=errors,profileStatus&$select=id,state`);
		await golden('listProfiles', `${root}?$filter=id eq '${idOf()}'&$count=true`);
		await golden('countProfiles', `${root}/$count?$filter=id eq '${idOf()}'`);
		await golden('getProfileStatus', `${profile}/profileStatus`);
		const url = `${profile.replace('/beta', '')}/profileStatus`;
		const requests = [
			{ id: 'status', method: 'GET', url },
			{ id: 'wrong', method: 'GET', url: `${url}?$filter=x`, dependsOn: ['status'] },
			{ id: 'undone', method: 'POST', url: `${profile.replace('/beta', '')}/start`, dependsOn: ['wrong'] },
		];
		await golden('batch', `${dialect === 'graph' ? '/beta' : ''}/$batch`, { method: 'POST', body: { requests } });
	});

	test('shows every provider and both identity configurations', async () => {
		const providers = {
			powerSchool: {
				'@odata.type': '#Microsoft.Education.DataSync.PowerSchoolDataProvider',
				connectionUrl: 'https://powerschool.example.org',
				clientId: 'client',
				clientSecret: 'never shown',
				schoolsIds: ['55'],
				schoolYear: '2026',
				allowTeachersInMultipleSchools: true,
			},
			oneRoster: {
				'@odata.type': '#microsoft.graph.educationoneRosterApiDataProvider',
				connectionUrl: 'https://oneroster.example.org/ims/oneroster/v1p1',
				providerName: 'Example',
				schoolsIds: ['school-1'],
				termIds: ['term-1'],
				connectionSettings: {
					'@odata.type': '#microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings',
					clientId: 'client',
					clientSecret: 'never shown',
					tokenUrl: 'https://oneroster.example.org/token',
					scope: 'roster',
				},
			},
		};
		for (const [name, dataProvider] of Object.entries(providers)) {
			const { body } = await golden(`createProfile-${name}`, root, {
				method: 'POST',
				body: profileBody({ dataProvider }),
			});
			await settle();
			await golden(`getUploadUrl-${name}`, `${root}/${body.id}/uploadUrl`);
			await golden(`startProfile-${name}`, `${root}/${body.id}/start`, { method: 'POST' });
		}
		const options = [matchingOption('Student'), matchingOption('Teacher')];
		await golden('createProfile-matching', root, { method: 'POST', body: matchingBody(...options) });
		await golden('createProfile-oldest-names', root, { method: 'POST', body: oldestNames });
		await settle();
	});

	test('takes files, verifies them and syncs', async () => {
		await golden('getUploadUrl', `${profile}/uploadUrl`);
		await golden('startProfile-without-files', `${profile}/start`, { method: 'POST' });
		await golden('resumeProfile-refused', `${profile}/resume`, { method: 'POST' });
		await upload({ 'StudentEnrollment.csv': 'Section SIS ID,SIS ID\r\nC1,P1\r\nC9,P1\r\nC1,P9\r\n' });
		await golden('startProfile-refused', `${profile}/start`, { method: 'POST' });
		await golden('getProfileStatus-validationError', `${profile}/profileStatus`);
		const { body } = await golden('listErrors', `${profile}/errors?$top=1`);
		const [first] = body.value as { id: string }[];
		const runs = (await api.call(`${serviceUrl}${profile}/runs`)).body.value as { id: string }[];
		await golden('getRun', `${profile}/runs/${runs[0]?.id}`);
		await golden('getRunReport', `${profile}/runs/${runs[0]?.id}/report`);
		const report = `${profile}/runs/${runs[0]?.id}/report`;
		await golden('getRunReportFile', `${report}/studentenrollment.csv`);
		await golden('getRunReportFile-sound', `${report}/student.csv`);
		await golden('getRunReportFile-unknown', `${report}/..%2Fsecrets`);
		await golden('getRunReport-replaced', `${profile}/runs/${runs[1]?.id}/report`);
		await golden('getTrace-refused', `${profile}/trace?user=P1&class=C9`);
		await golden('getTrace-unknown', `${profile}/trace?user=nobody`);
		await golden('getTrace-nobody', `${profile}/trace?user=&class=`);
		await golden('getError', `${profile}/errors/${first?.id}`);
		await golden('countErrors', `${profile}/errors/$count`);
		await upload();
		await golden('startProfile-dryRun-unclear', `${profile}/start?dryRun=maybe`, { method: 'POST' });
		await golden('startProfile-dryRun', `${profile}/start?dryRun=true`, { method: 'POST' });
		await golden('getProfileStatus-dryRun', `${profile}/profileStatus`);
		// It gives way.
		api.durable.statuses.set(`sync-${idOf()}`, 'Running');
		await golden('startProfile', `${profile}/start`, { method: 'POST' });
		api.durable.statuses.set(`sync-${idOf()}`, 'Running');
		await golden('startProfile-busy', `${profile}/start`, { method: 'POST' });
		await golden('getUploadUrl-busy', `${profile}/uploadUrl`);
		await golden('getProfileStatus-inProgress', `${profile}/profileStatus`);
	});

	test('is paused, resumed and reset', async () => {
		await golden('pauseProfile', `${profile}/pause`, { method: 'POST' });
		await golden('getProfileStatus-paused', `${profile}/profileStatus`);
		await golden('resumeProfile', `${profile}/microsoft.graph.resume`, { method: 'POST' });
		await finish('success');
		await golden('getProfileStatus-success', `${profile}/profileStatus`);
		await golden('resetProfile', `${profile}/reset`, { method: 'POST' });
		await finish('success');
		await golden('listRuns', `${profile}/runs`);
	});

	test('knows who did what', async () => {
		await golden('listAudit', `${profile}/audit?$top=2`);
		await golden('listAudit-of-a-kind', `${profile}/audit?$filter=action eq 'profile.created'&$count=true`);
	});

	test('shows what a run is about to do', async () => {
		const { profiles, rosters } = appDeps();
		const runId = (await profiles.get(ownTenant, idOf()))?.profile.latestRunId as string;
		const run = { tenantId: ownTenant, profileId: idOf(), runId };
		const plan = `${profile}/runs/${runId}/plan`;
		await golden('getRunPlan-none', plan);
		const place = { kind: 'studentEnrollment', shard: 0, part: 0 } as const;
		const bytes = Buffer.from('AC1\x1fP1\nRC1\x1f=P2\n');
		await writePlan(rosters, run, { ...place, bytes });
		await writeClasses(rosters, run, new Map([['C1', 'S1']]));
		await writePlanIndex(rosters, run, {
			etag: '"planned"',
			slices: [place],
			counts: { studentEnrollment: { added: 1, changed: 0, removed: 1, unchanged: 3, held: 0 } },
			estimate: { writes: 1, seconds: 1 },
		});
		await golden('getRunPlan', `${plan}?$top=1&$count=true`);
		await golden('getRunPlan-filtered', `${plan}?$filter=operation eq 'remove' and school eq 'S1'&$count=true`);
		await golden('getRunPlan-csv', `${plan}?$format=csv`);
		await golden('getRunPlan-bad-filter', `${plan}?$filter=operation ne 'remove'`);
	});

	test('has removals that wait for approval', async () => {
		const { profiles, rosters } = appDeps();
		const runId = (await profiles.get(ownTenant, idOf()))?.profile.latestRunId as string;
		const holds = `${profile}/runs/${runId}/holds`;
		await golden('listHolds-none', holds);
		await golden('approveHolds-none', `${holds}/approve`, { method: 'POST', headers: { 'if-match': '"any"' } });
		const held = {
			id: '0a000000-0000-8000-8000-000000000001',
			kind: 'studentEnrollment',
			scope: 'school',
			sisId: 'S1',
		};
		const rekeyed = {
			id: '0a000000-0000-8000-8000-000000000002',
			kind: 'student',
			scope: 'rekeyed',
			removals: 1,
			present: 200,
			people: 1,
			rekeyed: [{ from: 'P-1', to: 'P-001', evidence: 'username' }],
		};
		const value = { etag: '"held"', holds: [{ ...held, removals: 120, present: 200, people: 40 }, rekeyed] };
		await writeJson(rosters, holdsPath({ tenantId: ownTenant, profileId: idOf(), runId }), value);
		await golden('listHolds', holds);
		await golden('approveHolds-unseen', `${holds}/approve`, { method: 'POST' });
		const one = `${holds}/${held.id}`;
		await golden('approveHold-unseen', `${one}/approve`, { method: 'POST' });
		const unknown = held.id.replace(/1$/, '9');
		await golden('discardHold-unknown', `${holds}/${unknown}/discard`, {
			method: 'POST',
			headers: { 'if-match': '"held"' },
		});
		await golden('approveHolds-changed', `${holds}/approve`, { method: 'POST', headers: { 'if-match': '"other"' } });
		await golden('discardHolds-changed', `${holds}/discard`, { method: 'POST', headers: { 'if-match': '"other"' } });
		await golden('approveHolds', `${holds}/approve`, { method: 'POST', headers: { 'if-match': '"held"' } });
		await finish('success');
		for (const name of ['approveHold', 'discardHold', 'discardHolds'] as const) {
			const run = await quarantine(value);
			const all = `${profile}/runs/${run}/holds`;
			const [path, action] = [name.endsWith('Hold') ? `${all}/${held.id}` : all, name.replace(/Holds?$/, '')];
			await golden(name, `${path}/${action}`, { method: 'POST', headers: { 'if-match': '"held"' } });
			if (action === 'discard')
				await golden(`${name}-approved`, `${path}/approve`, { method: 'POST', headers: { 'if-match': '"held"' } });
			await finish('success');
		}
	});

	test('can have its latest run undone', async () => {
		const { profiles, histories, runs } = appDeps();
		const profileOfRun = (await profiles.get(ownTenant, idOf()))?.profile;
		const last = profileOfRun?.latestRunId as string;
		const undo = `${profile}/runs/${last}/undo`;
		await golden('undoRun-unknown-before', undo, { method: 'POST' });
		const record = await runs.get(idOf(), last);
		const before = { runId: record?.sourceRunId as string, startedDateTime: new Date().toISOString(), files: {} };
		const generation = profileOfRun?.snapshotGeneration as string;
		await histories.replace(idOf(), { record: { epoch: last, generation, last, before, files: {}, slices: {} } });
		await golden('undoRun', undo, { method: 'POST' });
		await golden('undoRun-unseen', undo, { method: 'POST', headers: { 'if-match': '"other"' } });
	});

	test('is changed by PUT and PATCH', async () => {
		await golden('replaceProfile', profile, { method: 'PUT', body: profileBody({ displayName: 'Contoso North' }) });
		await settle();
		await golden('replaceProfileInCollection', root, { method: 'PUT', body: profileBody({ id: idOf() }) });
		await settle();
		await golden('replaceProfileInCollection-without-id', root, { method: 'PUT', body: profileBody() });
		await golden('updateProfile', profile, { method: 'PATCH', body: { expirationDate: '2099-06-30' } });
		await settle();
		const notifications = {
			url: 'https://receiver.example.org/hook',
			events: ['run.held', 'run.failed'],
			secret: Buffer.alloc(32, 5).toString('base64'),
		};
		await golden('updateProfile-notifications', profile, { method: 'PATCH', body: { notifications } });
		await settle();
		await golden('updateProfile-notifications-wrong', profile, {
			method: 'PATCH',
			body: { notifications: { url: 'http://receiver.example.org', events: ['run.started'], secret: 'short' } },
		});
		await api.call(`${serviceUrl}${profile}`, { method: 'PATCH', body: { notifications: null } });
		await settle();
		await golden('updateProfile-other-provider', profile, {
			method: 'PATCH',
			body: {
				dataProvider: {
					'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
					connectionUrl: 'https://powerschool.example.org',
					clientId: 'client',
					schoolYear: '2026',
				},
			},
		});
	});

	test('says what is wrong', async () => {
		await golden('createProfile-invalid', root, {
			method: 'POST',
			body: profileBody({ displayName: '', dataProvider: { '@odata.type': '#microsoft.graph.unknown' } }),
		});
		await golden('createProfile-not-json', root, { method: 'POST', body: '{"displayName": ' });
		await golden('listProfiles-bad-filter', `${root}?$filter=displayName eq`);
		await golden('listErrors-bad-top', `${profile}/errors?$top=none`);
		await golden('getProfile-unknown', `${root}/018f0000-0000-7000-8000-00000000ffff`);
		await golden('getError-unknown', `${profile}/errors/018F0000-0000-8000-8000-00000000FFFF`);
		await golden('profileStatus-not-writable', `${profile}/profileStatus`, { method: 'PATCH', body: {} });
		await golden('errors-not-writable', `${profile}/errors`, { method: 'POST', body: {} });
		const id = '018F0000-0000-8000-8000-00000000FFFF';
		await golden('error-not-deletable', `${profile}/errors('${id}')`, { method: 'DELETE' });
		await golden('listProfiles-without-token', root, { headers: { authorization: '' } });
		await golden('deleteProfile-may-only-read', profile, {
			method: 'DELETE',
			claims: { roles: ['EduAdministration.Read.All'] },
		});
	});

	test('says why somebody is not in a class', async () => {
		await golden('getTrace', `${profile}/trace?user=ybrook&class=C1`);
	});

	test('is deleted', async () => {
		const headers = { 'client-request-id': 'a-request-of-mine' };
		await golden('deleteProfile', profile, { method: 'DELETE', headers });
		await golden('pauseProfile-deleting', `${profile}/pause`, { method: 'POST' });
		await settle();
		await golden('deleteProfile-unknown', profile, { method: 'DELETE' });
	});
});

/** A request as the first generation of clients wrote it. */
const oldestNames = {
	displayName: 'Contoso 2017',
	dataSource: { '@odata.type': '#Microsoft.Education.DataSync.CSVDataProvider' },
	customizations: { student: { optionalPropertiesToSync: ['State ID', 'Middle Name'], allowDisplayNameUpdate: true } },
	identitySyncConfiguration: {
		'@odata.type': '#Microsoft.Education.DataSync.IdentityMatchingConfiguration',
		matchingOptions: ['Student', 'Teacher'].map((appliesTo) => ({
			appliesTo,
			options: {
				sourcePropertyName: 'Username',
				targetPropertyName: 'userPrincipalName',
				targetDomain: 'example.org',
			},
		})),
	},
	licensesToAssign: [],
	servicesToSetup: [],
};
