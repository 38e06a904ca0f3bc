import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerApplication, type Wanted } from '../../infra/register-app/application.ts';
import { restClient } from '../../infra/rest.ts';
import { type GraphStandIn, startGraphStandIn } from '../support/infra/graph-stand-in.ts';

let entra: GraphStandIn;

beforeEach(async () => {
	entra = await startGraphStandIn();
});

afterEach(() => entra.stop());

const register = (changes: Partial<Wanted> = {}, token = 'a-token') =>
	registerApplication(
		restClient({
			name: 'Microsoft Graph',
			endpoint: `${entra.url}/v1.0`,
			setting: 'GRAPH_ENDPOINT',
			needs: 'It takes a role.',
			token: async () => token,
		}),
		{ displayName: "Contoso's Sync", uniqueName: 'sync', ...changes },
	);

const writes = () => entra.requests.filter((request) => !request.startsWith('GET')).length;
const valuesOf = (items: unknown) => (items as { value: string }[]).map(({ value }) => value).sort();

const identity = {
	tenantId: '22222222-2222-4222-8222-222222222222',
	principalId: '33333333-3333-4333-8333-333333333333',
};

describe('the app registration', () => {
	test('is made with all that the API asks of its tokens', async () => {
		const { clientId, changes } = await register({ apiUrl: 'https://sds.contoso.edu/', identity });
		expect(changes).toHaveLength(4);
		const application = entra.application as Record<string, Record<string, unknown>>;
		expect(application).toMatchObject({
			appId: clientId,
			signInAudience: 'AzureADMyOrg',
			identifierUris: [`api://${clientId}`],
			api: { requestedAccessTokenVersion: 2 },
			spa: { redirectUris: ['https://sds.contoso.edu/portal/'] },
			optionalClaims: { accessToken: [{ name: 'idtyp' }] },
		});
		expect(valuesOf(application.api?.oauth2PermissionScopes)).toEqual([
			'EduAdministration.Read',
			'EduAdministration.ReadWrite',
		]);
		expect(valuesOf(application.appRoles)).toEqual([
			'EduAdministration.Admin',
			'EduAdministration.Read.All',
			'EduAdministration.ReadWrite.All',
		]);
		expect(entra.principals).toEqual([clientId]);
		expect(entra.credentials).toMatchObject([
			{
				subject: identity.principalId,
				issuer: `https://login.microsoftonline.com/${identity.tenantId}/v2.0`,
				audiences: ['api://AzureADTokenExchange'],
			},
		]);
	});

	test('is left alone when it is as it should be', async () => {
		const { clientId } = await register({ identity });
		const before = writes();
		expect(await register({ identity })).toEqual({ clientId, changes: [] });
		expect(writes()).toBe(before);
	});

	test('gets the address of the page later, and keeps those that it has', async () => {
		await register();
		await register({ apiUrl: 'https://a.contoso.edu' });
		expect((await register({ apiUrl: 'https://b.contoso.edu' })).changes).toEqual(['Changed: spa.']);
		expect(entra.application?.spa).toEqual({
			redirectUris: ['https://a.contoso.edu/portal/', 'https://b.contoso.edu/portal/'],
		});
	});

	test('keeps what somebody else has added or said otherwise', async () => {
		const { clientId } = await register();
		const application = entra.application as Record<string, unknown>;
		const [first, ...rest] = application.appRoles as { id: string }[];
		application.appRoles = [
			{ ...first, id: 'of-another', description: 'Ours.' },
			...rest,
			{ id: 'x', value: 'Own.Role' },
		];
		application.identifierUris = ['https://contoso.edu/sync'];
		await register();
		expect(valuesOf(application.appRoles)).toContain('Own.Role');
		expect(application.appRoles).toContainEqual({ ...first, id: 'of-another', description: 'Ours.' });
		expect(application.identifierUris).toEqual(['https://contoso.edu/sync', `api://${clientId}`]);
		expect((await register()).changes).toEqual([]);
	});

	test('goes on where an earlier try ended', async () => {
		await register();
		entra.principals.length = 0;
		expect((await register()).changes).toEqual(['Its service principal was made.']);
	});

	test('needs the permission, and says which', async () => {
		entra.isReadOnly = true;
		await expect(register()).rejects.toThrow(/answers 403 \(Authorization_RequestDenied\).* It takes a role/);
		await expect(register({}, 'none')).rejects.toThrow('answers 401');
	});
});
