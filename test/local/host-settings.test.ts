import { describe, expect, test } from 'vitest';
import { applySettings, resolveConnection } from '../../src/local/host-settings.ts';

const LOCAL = 'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aw==;BlobEndpoint=http://127.0.0.1:10000/a';
const REAL = 'DefaultEndpointsProtocol=https;AccountName=district;AccountKey=aw==;EndpointSuffix=core.windows.net';

function applied(
	environment: NodeJS.ProcessEnv,
	local: Record<string, string> = {},
	settings: Record<string, string> = {},
) {
	const authority = 'http://127.0.0.1:7071/dev-issuer';
	applySettings(
		{ connectionString: LOCAL, port: 7071, authority, secretsKey: 'a key', settings, localSettings: local },
		environment,
	);
	return environment;
}

describe('applySettings()', () => {
	test('gives the app everything that it needs for development', () => {
		expect(applied({})).toMatchObject({
			AzureWebJobsStorage: LOCAL,
			ROSTER_STORAGE: LOCAL,
			WEBSITE_HOSTNAME: '127.0.0.1:7071',
			AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
			AUTH_AUTHORITY: 'http://127.0.0.1:7071/dev-issuer',
			SECRETS_KEY: 'a key',
			NO_PROXY: '127.0.0.1,localhost',
		});
	});

	test('ranks the environment before the caller, the caller before local.settings.json, that before the defaults', () => {
		const local = { A: 'local', B: 'local', C: 'local', AUTH_AUDIENCE: 'local' };
		const result = applied({ A: 'environment' }, local, { A: 'caller', B: 'caller' });
		expect(result).toMatchObject({ A: 'environment', B: 'caller', C: 'local', AUTH_AUDIENCE: 'local' });
	});

	test('takes UseDevelopmentStorage=true to mean the embedded storage, whatever its ports', () => {
		const result = applied({ ROSTER_STORAGE: 'UseDevelopmentStorage=true' }, { OTHER: 'UseDevelopmentStorage=true' });
		expect(result).toMatchObject({ ROSTER_STORAGE: LOCAL, OTHER: LOCAL });
	});

	test('adds loopback to the hosts that are reached without a proxy', () => {
		expect(applied({ NO_PROXY: '.example.org,localhost' }).NO_PROXY).toBe('.example.org,localhost,127.0.0.1');
	});
});

describe('resolveConnection()', () => {
	test('looks for the name, then for the name after AzureWebJobs, and without a name for AzureWebJobsStorage', () => {
		expect(resolveConnection('X', { X: LOCAL, AzureWebJobsX: REAL })).toBe(LOCAL);
		expect(resolveConnection('X', { AzureWebJobsX: LOCAL })).toBe(LOCAL);
		expect(resolveConnection(undefined, { AzureWebJobsStorage: LOCAL })).toBe(LOCAL);
	});

	test('says which settings are missing', () => {
		expect(() => resolveConnection('X', {})).toThrow('neither "X" nor "AzureWebJobsX" is set');
	});

	test('refuses a real storage account without showing its key', () => {
		expect(() => resolveConnection('X', { X: REAL })).toThrow(/^(?!.*aw==).*not on this machine/s);
	});
});
