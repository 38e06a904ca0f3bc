import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAddress, readSettings, settingsSchema } from '../src/settings.ts';

const readText = (name: string) => readFileSync(path.resolve(import.meta.dirname, '..', name), 'utf8');

/** Of no concern to an operator. */
const setByHosts = ['WEBSITE_HOSTNAME', 'STORAGE_LOST_AT'];

const needed = {
	ROSTER_STORAGE: 'UseDevelopmentStorage=true',
	AUTH_AUDIENCE: 'client',
	AUTH_TENANTS: '11111111-1111-4111-8111-111111111111',
};

describe('the settings', () => {
	test('start syncs by themselves unless told not to', () => {
		expect(readSettings(needed).isAutoStartOn).toBe(true);
		expect(readSettings({ ...needed, AUTO_START: 'off' }).isAutoStartOn).toBe(false);
	});

	test('name every wrong one, and never what it says', () => {
		const wrong = { ...needed, AUTO_START: 'perhaps', QUIET_SECONDS: 'soon', SECRETS_KEY: 'my secret' };
		let message = '';
		try {
			readSettings(wrong);
		} catch (error) {
			message = String(error);
		}
		for (const name of ['AUTO_START', 'QUIET_SECONDS', 'SECRETS_KEY']) expect(message).toContain(name);
		for (const value of ['perhaps', 'my secret']) expect(message).not.toContain(value);
	});
});

test.each([
	['AUTH_TENANTS', 'contoso', 'must be GUIDs, separated by commas'],
	['QUIET_SECONDS', 'soon', 'must be a number'],
	['MAX_PROFILES', '0', 'Too small: expected number to be >0'],
	['AUTO_START', 'perhaps', 'must be on or off'],
])('a wrong %s (%j) says what it must be', (name, value, words) => {
	expect(() => readSettings({ ...needed, [name]: value })).toThrow(`  ${name}: ${words}`);
});

describe('PUBLIC_URL', () => {
	test.each([
		'https://sds.fabrikam.org',
		'https://sds.fabrikam.org/',
		'https://gateway.fabrikam.org:8443/sds/v1',
		'http://localhost:8080/sds',
	])('may be %s', (url) => {
		expect(readSettings({ ...needed, PUBLIC_URL: url }).address).toEqual({ publicUrl: url, siteHost: undefined });
		expect(readAddress({ PUBLIC_URL: url }).publicUrl).toBe(url);
	});

	test.each([undefined, ''])('may be absent (%j)', (url) => {
		expect(readSettings({ ...needed, PUBLIC_URL: url }).address.publicUrl).toBeUndefined();
	});

	test.each([
		'sds.fabrikam.org',
		'http://sds.fabrikam.org',
		'https://me@sds.fabrikam.org',
		'https://sds.fabrikam.org/?a=1',
		'https://sds.fabrikam.org/#top',
		'ftp://localhost/',
	])('may not be %s, and the error names the setting and not its value', (url) => {
		const reading = () => readSettings({ ...needed, PUBLIC_URL: url });
		expect(reading).toThrow(/PUBLIC_URL: /);
		expect(reading).not.toThrow(url);
		expect(readAddress({ PUBLIC_URL: url })).toEqual({});
	});
});

test.each(['login.microsoftonline.com', 'http://login.microsoftonline.com'])(
	'AUTH_AUTHORITY may not be %j, and the error names the setting',
	(authority) => {
		expect(() => readSettings({ ...needed, AUTH_AUTHORITY: authority })).toThrow(
			/AUTH_AUTHORITY: must be an https URL/,
		);
	},
);

describe('an empty value', () => {
	test('is as none', () => {
		const { storageLostAt, maxProfiles, secrets, auth } = readSettings({
			...needed,
			MAX_PROFILES: '',
			SECRETS_KEY: '',
			KEY_VAULT_URI: '',
			AUTH_AUTHORITY: '',
			STORAGE_LOST_AT: '',
		});
		expect({ storageLostAt, maxProfiles, secrets }).toEqual({ secrets: { kind: 'none' } });
		expect(auth.authority).toBe('https://login.microsoftonline.com');
	});

	test('of one that is needed is missing, as one that is not there, and all of them are listed', () => {
		for (const environment of [{}, { ROSTER_STORAGE: '', AUTH_AUDIENCE: '', AUTH_TENANTS: '' }])
			expect(() => readSettings({ ...environment, QUIET_SECONDS: 'soon' })).toThrow(
				/ROSTER_STORAGE: is missing.*\n.*AUTH_AUDIENCE: is missing\n.*AUTH_TENANTS: is missing\n.*QUIET_SECONDS: /,
			);
	});
});

describe('the roster account by identity', () => {
	const identity = {
		...needed,
		ROSTER_STORAGE: '',
		ROSTER_STORAGE__blobServiceUri: 'https://rosters.blob.core.windows.net/',
		ROSTER_STORAGE__tableServiceUri: 'https://rosters.table.core.windows.net/',
		ROSTER_STORAGE__clientId: 'identity',
	};

	test('needs the two addresses', () => {
		expect(readSettings(identity).rosterStorage).toMatchObject({ kind: 'identity', clientId: 'identity' });
		for (const name of ['blob', 'table'])
			expect(() => readSettings({ ...identity, [`ROSTER_STORAGE__${name}ServiceUri`]: '' })).toThrow(
				/ROSTER_STORAGE: is missing/,
			);
	});

	test.each(['http://rosters.blob.core.windows.net', 'rosters', 'ftp://127.0.0.1/'])('may not be at %s', (uri) => {
		const reading = () => readSettings({ ...identity, ROSTER_STORAGE__blobServiceUri: uri });
		expect(reading).toThrow(/ROSTER_STORAGE__blobServiceUri: must be an https URL/);
	});
});

describe('the directory', () => {
	test('is the embedded one, unless Microsoft Graph is asked for, by the identity that reaches the rosters', () => {
		expect(readSettings(needed).directory).toEqual({ kind: 'embedded' });
		const graph = { ...needed, DIRECTORY: 'graph', ROSTER_STORAGE__clientId: 'identity' };
		expect(readSettings(graph).directory).toEqual({
			kind: 'graph',
			baseUrl: 'https://graph.microsoft.com',
			strategy: 'packed',
			clientId: 'identity',
		});
		const local = { ...graph, GRAPH_BASE_URL: 'http://127.0.0.1:7072/', GRAPH_STRATEGY: 'education' };
		expect(readSettings(local).directory).toMatchObject({ baseUrl: 'http://127.0.0.1:7072', strategy: 'education' });
	});

	test.each([
		['DIRECTORY', 'entra'],
		['GRAPH_BASE_URL', 'http://graph.microsoft.com'],
		['GRAPH_BASE_URL', 'graph.microsoft.com'],
		['GRAPH_STRATEGY', 'fast'],
	])('may not be such that %s is %j', (name, value) => {
		expect(() => readSettings({ ...needed, [name]: value })).toThrow(`${name}: must be`);
	});
});

describe('what lists the settings', () => {
	const fields = Object.entries(settingsSchema.shape).filter(([name]) => !setByHosts.includes(name));
	const names = fields.map(([name]) => name);

	test('in the README has each, with its default', () => {
		const rows = [...readText('README.md').matchAll(/^\| (`[A-Z].*?) \| (.*) \| (.*?) ?\|$/gm)];
		const documented = new Map(
			rows.flatMap(([, cell, , shown]) =>
				[...String(cell).matchAll(/`(\w+)`/g)].map(([, name]) => [String(name), String(shown)]),
			),
		);
		expect([...documented.keys()].sort()).toEqual([...names].sort());
		for (const [name, field] of fields) {
			const parsed = field.safeParse(undefined);
			const isScalar = parsed.success && ['string', 'number'].includes(typeof parsed.data);
			if (isScalar) expect(documented.get(name), name).toContain(String(parsed.data));
			else if (!parsed.success) expect(documented.get(name), name).toBe('required');
		}
	});

	test('in the sample has each, with a value that works', () => {
		const { Values } = JSON.parse(readText('local.settings.sample.json')) as { Values: Record<string, string> };
		const { AzureWebJobsStorage: _, FUNCTIONS_WORKER_RUNTIME: __, ...ours } = Values;
		expect(Object.keys(ours).sort()).toEqual([...names].sort());
		expect(readSettings(ours)).toMatchObject({
			rosterStorage: { kind: 'connectionString' },
			secrets: { kind: 'none' },
		});
	});
});
