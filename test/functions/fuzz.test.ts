import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../../bench/random.ts';
import {
	type ApiAnswer,
	type ApiUnderTest,
	isRouted,
	profilesUrl,
	serviceUrl,
	startApi,
} from '../support/hosts/api-under-test.ts';
import type { Json } from '../support/requests/graph-client.ts';
import { type OddRequest, oddRequest } from '../support/requests/request-mutations.ts';
import { matchingBody, matchingOption, profileBody } from '../support/rosters/profile-builder.ts';

/** `FUZZ_REQUESTS=100000 FUZZ_SEED=… npm test fuzz` for more than the slice of every build. */
const requests = Number(process.env.FUZZ_REQUESTS ?? 4_000);
const seed = Number(process.env.FUZZ_SEED ?? 7);

let api: ApiUnderTest;

beforeAll(async () => {
	api = await startApi();
});

afterAll(() => api?.stop());

const powerSchool = profileBody({
	dataProvider: {
		'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
		connectionUrl: 'https://powerschool.example.org',
		clientId: 'client',
		schoolsIds: ['55'],
		schoolYear: '2026',
		allowTeachersInMultipleSchools: true,
	},
});

const oneRoster = profileBody({
	dataProvider: {
		'@odata.type': '#microsoft.graph.educationOneRosterApiDataProvider',
		connectionUrl: 'https://oneroster.example.org/ims/oneroster/v1p1',
		providerName: 'Example',
		schoolsIds: ['a'],
		termIds: ['t'],
		connectionSettings: {
			'@odata.type': '#microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings',
			clientId: 'client',
			tokenUrl: 'https://oneroster.example.org/token',
			scope: 'roster',
		},
	},
});

const path = '/education/synchronizationProfiles';
const batch = {
	requests: [
		{ id: '1', method: 'GET', url: `${path}?$top=1`, headers: { prefer: 'maxpagesize=1' } },
		{ id: '2', method: 'POST', url: path, body: profileBody({ displayName: '' }), dependsOn: ['1'] },
		{ id: '3', method: 'GET', url: `${path}/$count`, dependsOn: ['2'] },
	],
};

const bodies = [
	batch,
	profileBody(),
	profileBody({
		customizations: { student: { optionalPropertiesToSync: ['State ID'] } },
		expirationDate: '2031-01-01',
	}),
	matchingBody(matchingOption('student'), matchingOption('teacher')),
	powerSchool,
	oneRoster,
	profileBody({
		notifications: {
			url: 'https://receiver.example.org/hook',
			events: ['run.held'],
			secret: Buffer.alloc(32, 5).toString('base64'),
		},
	}),
];

const documented = new Set([200, 202, 400, 401, 403, 404, 405, 406, 409, 413, 415]);

/** A member that is missing or of another kind fails here, with the request in the message. */
function expectDocumented(answer: ApiAnswer, request: OddRequest): void {
	const label = `${JSON.stringify(request)} answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`;
	expect(documented, label).toContain(answer.status);
	expect(answer.headers['request-id'], label).toMatch(/^[0-9a-f-]{36}$/);
	const text = JSON.stringify(answer.body);
	expect(text, label).not.toMatch(/\\n\s+at |node_modules|\.ts:\d/);
	if (answer.status < 400) expectSuccess(answer, label);
	else expectRefusal(answer, label);
}

function expectRefusal(answer: ApiAnswer, label: string): void {
	const { error } = answer.body as { error?: Json };
	expect(error, label).toMatchObject({
		code: expect.stringMatching(/^[A-Z]\w+$/),
		message: expect.stringMatching(/\S/),
		innerError: { date: expect.any(String), 'request-id': answer.headers['request-id'] },
	});
	if (answer.status === 401) expect(answer.headers['WWW-Authenticate'], label).toMatch(/^Bearer/);
	if (answer.status === 405) expect(answer.headers.Allow, label).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
}

function expectSuccess({ body }: ApiAnswer, label: string): void {
	const members = Object.keys(body);
	// A batch has no context, as with Graph; those of its requests have their own.
	if (members.length > 0 && !Array.isArray(body.responses))
		expect(body['@odata.context'], label).toMatch(/\$metadata#/);
	if ('value' in body && Array.isArray(body.value))
		expect(body.value.every((each) => typeof each === 'object')).toBe(true);
}

describe('the API', () => {
	test(`answers ${requests} broken requests as documented, never with a failure of its own`, async () => {
		const created = await api.call(profilesUrl, { method: 'POST', body: profileBody() });
		const ids = { profileId: String(created.body.id), errorId: '018F0000-0000-8000-8000-000000000001' };
		const random = seededRandom(seed);
		const statuses = new Map<number, number>();
		for (let sent = 0; sent < requests; sent++) {
			const request = oddRequest(random, ids, bodies);
			if (!URL.canParse(serviceUrl + request.target) || !isRouted(serviceUrl + request.target)) continue;
			const answer = await api.call(serviceUrl + request.target, request);
			expectDocumented(answer, request);
			statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
		}
		// A fuzz that only ever meets one door proves nothing of the rooms behind it.
		for (const status of [200, 202, 400, 401, 404, 405])
			expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
		expect(({} as Json).polluted).toBeUndefined();
		expect(api.log.filter((line) => line.includes('failed'))).toEqual([]);
	});
});
