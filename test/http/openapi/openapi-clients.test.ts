import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../src/http/openapi/openapi.ts';
import { type ApiUnderTest, startApi } from '../../support/hosts/api-under-test.ts';
import { creationBody, matchingBody, matchingOption, profileBody } from '../../support/rosters/profile-builder.ts';

/** What a client's author writes: exhaustive, so that it compiles only if the unions can be told apart. */
const program = `
import type { components, operations } from './api.js';

type Schemas = components['schemas'];
type Profile = Schemas['educationSynchronizationProfile'];

export function provider({ dataProvider }: Profile): string {
	switch (dataProvider['@odata.type']) {
		case '#microsoft.graph.educationCsvDataProvider':
			return 'csv, students deferred: ' + dataProvider.customizations.student.isSyncDeferred;
		case '#microsoft.graph.educationPowerSchoolDataProvider':
			return 'PowerSchool ' + dataProvider.clientId + ' of ' + (dataProvider.schoolYear ?? 'every year');
		case '#microsoft.graph.educationOneRosterApiDataProvider':
			return 'OneRoster by ' + connection(dataProvider.connectionSettings);
		default:
			return nothingElse(dataProvider);
	}
}

function connection(settings: Schemas['educationSynchronizationConnectionSettings']): string {
	switch (settings['@odata.type']) {
		case '#microsoft.graph.educationSynchronizationOAuth1ConnectionSettings':
			return 'OAuth 1 as ' + settings.clientId;
		case '#microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings':
			return 'OAuth 2 at ' + settings.tokenUrl;
		default:
			return nothingElse(settings);
	}
}

export function identity({ identitySynchronizationConfiguration: configuration }: Profile): string {
	switch (configuration['@odata.type']) {
		case '#microsoft.graph.educationIdentityCreationConfiguration':
			return configuration.userDomains.map(({ appliesTo, name }) => appliesTo + '@' + name).join();
		case '#microsoft.graph.educationIdentityMatchingConfiguration':
			return configuration.matchingOptions.map(({ targetPropertyName }) => targetPropertyName).join();
		default:
			return nothingElse(configuration);
	}
}

function nothingElse(value: never): never {
	throw new Error('There is another kind: ' + JSON.stringify(value));
}

type Body = NonNullable<operations['createProfile']['requestBody']>['content']['application/json'];

/** What a client may leave out it must not have to send. */
export const smallest: Body = {
	displayName: 'Contoso',
	dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
	identitySynchronizationConfiguration: {
		'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
		userDomains: [{ appliesTo: 'student', name: 'example.org' }],
	},
};

type Refusal = operations['startProfile']['responses'][400]['content']['application/json'];

export const told = ({ error, value = [] }: Refusal) => [error.code, ...value.map(({ description }) => description)];
`;

interface Program {
	provider(profile: unknown): string;
	identity(profile: unknown): string;
	smallest: object;
	told(refusal: unknown): string[];
}

const root = path.resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(path.join(tmpdir(), 'sds-client-'));
let client: Program;
let api: ApiUnderTest;

beforeAll(async () => {
	const generator = path.join(root, 'test/support/requests/generate-types.ts');
	const input = JSON.stringify(openApiDocument('https://sds.example.org'));
	const generated = execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', generator], { input });
	writeFileSync(path.join(folder, 'api.d.ts'), generated);
	writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
	writeFileSync(path.join(folder, 'program.ts'), program);
	const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noUnusedLocals'];
	const target = ['--target', 'es2024', '--module', 'nodenext', '--types', '', '--outDir', folder];
	const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
	execFileSync(process.execPath, [compiler, ...strict, ...target, 'program.ts'], { cwd: folder, encoding: 'utf8' });
	client = (await import(/* @vite-ignore */ pathToFileURL(path.join(folder, 'program.js')).href)) as Program;
	api = await startApi();
});

afterAll(async () => {
	await api?.stop();
	rmSync(folder, { recursive: true, force: true });
});

const collection = 'https://sds.example.org/beta/education/synchronizationProfiles';

const oneRoster = (type: string, beside: object) => ({
	'@odata.type': '#microsoft.graph.educationOneRosterApiDataProvider',
	connectionUrl: 'https://oneroster.example.org',
	connectionSettings: {
		'@odata.type': `#microsoft.graph.educationSynchronization${type}ConnectionSettings`,
		clientId: 'me',
		...beside,
	},
});

describe('a client that openapi-typescript generates', () => {
	test.each([
		['csv, students deferred: false', {}],
		[
			'PowerSchool me of 2026',
			{
				dataProvider: {
					'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
					connectionUrl: 'https://powerschool.example.org',
					clientId: 'me',
					schoolYear: '2026',
				},
			},
		],
		['OneRoster by OAuth 1 as me', { dataProvider: oneRoster('OAuth1', {}) }],
		[
			'OneRoster by OAuth 2 at https://oneroster.example.org/token',
			{ dataProvider: oneRoster('OAuth2ClientCredentials', { tokenUrl: 'https://oneroster.example.org/token' }) },
		],
	])('reads back the provider: %s', async (expected, changes) => {
		const { status, body } = await api.call(collection, { method: 'POST', body: profileBody(changes) });
		expect([status, client.provider(body)]).toEqual([202, expected]);
	});

	test('reads back the identity configuration of both kinds', async () => {
		const created = await api.call(collection, { method: 'POST', body: profileBody(creationBody()) });
		expect(client.identity(created.body)).toBe('student@students.example.org,teacher@example.org');
		const options = [matchingOption('student'), matchingOption('teacher')];
		const matched = await api.call(collection, { method: 'POST', body: matchingBody(...options) });
		expect(client.identity(matched.body)).toBe('userPrincipalName,userPrincipalName');
	});

	test('creates a profile with what is needed, and reads why a start was refused', async () => {
		const { status, body } = await api.call(collection, { method: 'POST', body: client.smallest });
		expect(status).toBe(202);
		const refused = await api.call(`${collection}/${body.id}/start`, { method: 'POST' });
		expect([refused.status, client.told(refused.body)]).toEqual([400, ['BadRequest']]);
	});
});
