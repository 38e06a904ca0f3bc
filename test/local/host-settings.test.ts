import { describe, expect, test } from 'vitest';
import { applySettings, resolveConnection } from '../../src/local/host-settings.ts';

const localAccount =
	'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=aw==;BlobEndpoint=http://127.0.0.1:10000/a';
const realAccount =
	'DefaultEndpointsProtocol=https;AccountName=district;AccountKey=aw==;EndpointSuffix=core.windows.net';

function applied(
	environment: NodeJS.ProcessEnv,
	local: Record<string, string> = {},
	settings: Record<string, string> = {},
) {
	const authority = 'http://127.0.0.1:7071/dev-issuer';
	applySettings(
		{ connectionString: localAccount, port: 7071, authority, secretsKey: 'a key', settings, localSettings: local },
		environment,
	);
	return environment;
}

describe('applySettings()', () => {
	test('gives the app everything that it needs for development', () => {
		expect(applied({})).toMatchObject({
			AzureWebJobsStorage: localAccount,
			ROSTER_STORAGE: localAccount,
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
		expect(result).toMatchObject({ ROSTER_STORAGE: localAccount, OTHER: localAccount });
	});

	test('adds loopback to the hosts that are reached without a proxy', () => {
		expect(applied({ NO_PROXY: '.example.org,localhost' }).NO_PROXY).toBe('.example.org,localhost,127.0.0.1');
	});
});

test('an account by identity takes the place of the embedded one', () => {
	const environment = applied({}, {}, { ROSTER_STORAGE__blobServiceUri: 'https://127.0.0.1:1/a' });
	expect(environment).not.toHaveProperty('ROSTER_STORAGE');
	expect(environment.AzureWebJobsStorage).toBe(localAccount);
});

describe('resolveConnection()', () => {
	test('looks for the name, then for the name after AzureWebJobs, and without a name for AzureWebJobsStorage', () => {
		expect(resolveConnection('X', { X: localAccount, AzureWebJobsX: realAccount })).toBe(localAccount);
		expect(resolveConnection('X', { AzureWebJobsX: localAccount })).toBe(localAccount);
		expect(resolveConnection(undefined, { AzureWebJobsStorage: localAccount })).toBe(localAccount);
	});

	test('says which settings are missing', () => {
		expect(() => resolveConnection('X', {})).toThrow('neither "X" nor "AzureWebJobsX" is set');
	});

	test('takes an account by identity, as it does on Azure, and needs its queues for the trigger', () => {
		const identity = { X__blobServiceUri: 'https://127.0.0.1:1/a', X__queueServiceUri: 'https://127.0.0.1:2/a' };
		const resolved = { blobServiceUri: 'https://127.0.0.1:1/a', queueServiceUri: 'https://127.0.0.1:2/a' };
		expect(resolveConnection('X', identity)).toEqual(resolved);
		expect(resolveConnection('X', { ...identity, X: '', X__clientId: 'me' })).toEqual({ ...resolved, clientId: 'me' });
		expect(resolveConnection('X', { ...identity, X: localAccount })).toBe(localAccount);
		expect(() => resolveConnection('X', { ...identity, X__queueServiceUri: '' })).toThrow(
			'"X__queueServiceUri" is not set',
		);
		const elsewhere = { ...identity, X__blobServiceUri: 'https://contoso.blob.core.windows.net' };
		expect(() => resolveConnection('X', elsewhere)).toThrow('not on this machine');
	});

	test('refuses a real storage account without showing its key', () => {
		expect(() => resolveConnection('X', { X: realAccount })).toThrow(/^(?!.*aw==).*not on this machine/s);
	});
});
