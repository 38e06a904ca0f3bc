import { describe, expect, test } from 'vitest';
import type { Resource, Template } from '../support/infra/template.ts';
import { templateRules } from '../support/infra/template-rules.ts';

/** Each rule finds what it is there for. */

const resource = (type: string, properties: Record<string, unknown> = {}, more: Partial<Resource> = {}): Resource => ({
	type,
	apiVersion: '2024-01-01',
	properties,
	...more,
});

const inModule = (template: Template, parameters: Record<string, unknown> = {}): Template => ({
	resources: { part: resource('Microsoft.Resources/deployments', { template, parameters }) },
});

const soundAccount = {
	allowSharedKeyAccess: false,
	allowBlobPublicAccess: false,
	allowCrossTenantReplication: false,
	defaultToOAuthAuthentication: true,
	minimumTlsVersion: 'TLS1_2',
	supportsHttpsTrafficOnly: true,
};
const account = (changes: Record<string, unknown>): Template => ({
	resources: { account: resource('Microsoft.Storage/storageAccounts', { ...soundAccount, ...changes }) },
});
const soundVault = { enableRbacAuthorization: true, enableSoftDelete: true, enablePurgeProtection: true };
const policy = resource('Microsoft.Web/sites/basicPublishingCredentialsPolicies', { allow: false });
const site = resource('Microsoft.Web/sites', { httpsOnly: true });
const told = (scope: string) => resource('Microsoft.Insights/diagnosticSettings', {}, { scope });

const cases: Record<string, { good: Template[]; bad: Template[] }> = {
	'no keys are listed': {
		good: [{ resources: {}, variables: { a: "[listing('x')]" } }],
		bad: [
			{ resources: {}, variables: { a: "[listKeys(resourceId('x'), '1').keys[0].value]" } },
			{ resources: {}, outputs: { a: { type: 'string', value: "[listAccountSas('x')]" } } },
			{ resources: { a: resource('x', { deep: [{ value: "[listSecrets('x')]" }] }) } },
		],
	},
	'storage is opened by tokens alone, by TLS 1.2, and never to everybody': {
		good: [account({}), { resources: { a: resource('Microsoft.Storage/storageAccounts', {}, { existing: true }) } }],
		bad: [
			account({ allowSharedKeyAccess: true }),
			account({ allowSharedKeyAccess: undefined }),
			account({ allowBlobPublicAccess: true }),
			account({ minimumTlsVersion: 'TLS1_0' }),
			account({ supportsHttpsTrafficOnly: false }),
		],
	},
	'containers are private': {
		good: [{ resources: { a: resource('Microsoft.Storage/storageAccounts/blobServices/containers') } }],
		bad: [
			{
				resources: {
					a: resource('Microsoft.Storage/storageAccounts/blobServices/containers', { publicAccess: 'Blob' }),
				},
			},
		],
	},
	'the vault is opened by roles, and cannot be purged': {
		good: [{ resources: { a: resource('Microsoft.KeyVault/vaults', soundVault) } }],
		bad: Object.keys(soundVault).map((name) => ({
			resources: { a: resource('Microsoft.KeyVault/vaults', { ...soundVault, [name]: false }) },
		})),
	},
	'telemetry is taken by tokens alone': {
		good: [{ resources: { a: resource('Microsoft.Insights/components', { DisableLocalAuth: true }) } }],
		bad: [{ resources: { a: resource('Microsoft.Insights/components') } }],
	},
	'the app speaks https alone, and takes no publishing password': {
		good: [{ resources: { site, ftp: policy, scm: policy } }],
		bad: [
			{ resources: { site, ftp: policy } },
			{ resources: { site: resource('Microsoft.Web/sites'), ftp: policy, scm: policy } },
			{ resources: { site, ftp: policy, scm: { ...policy, properties: { allow: true } } } },
		],
	},
	'nothing secret is a parameter, an output or a setting': {
		good: [{ resources: {}, outputs: { name: { type: 'string', value: "[parameters('name')]" } } }],
		bad: [
			{ resources: {}, parameters: { key: { type: 'secureString' } } },
			{ resources: {}, outputs: { key: { type: 'securestring', value: 'a' } } },
			{ resources: {}, outputs: { storageConnectionString: { type: 'string', value: 'a' } } },
			{ resources: {}, outputs: { a: { type: 'string', value: "[reference('insights').ConnectionString]" } } },
			{ resources: {}, variables: { settings: { STORAGE: 'AccountName=a;AccountKey=abc' } } },
		],
	},
	'every module gets each parameter that it must have, and no other': {
		good: [
			inModule(
				{
					resources: {},
					parameters: { a: { type: 'string' }, b: { type: 'int', defaultValue: 1 }, c: { nullable: true } },
				},
				{ a: 1 },
			),
		],
		bad: [
			inModule({ resources: {}, parameters: { a: { type: 'string' } } }),
			inModule({ resources: {}, parameters: {} }, { a: 1 }),
		],
	},
	'everything that can tell what happens to it does': {
		good: [
			{ resources: { site, logs: told("[resourceId('Microsoft.Web/sites', parameters('name'))]") } },
			{ resources: { a: resource('Microsoft.Web/sites', {}, { existing: true }) } },
		],
		bad: [
			{ resources: { site } },
			{ resources: { site, logs: told("[resourceId('Microsoft.KeyVault/vaults', parameters('name'))]") } },
		],
	},
};

test('every rule has its cases', () => {
	expect(Object.keys(cases).sort()).toEqual(Object.keys(templateRules).sort());
});

describe.each(Object.entries(templateRules))('%s', (name, rule) => {
	test('as it should be, and in a module', () => {
		for (const template of cases[name]?.good ?? []) {
			expect(rule(template)).toEqual([]);
			expect(rule(inModule(template, parametersOf(template)))).toEqual([]);
		}
	});

	test('finds what is not, in a module too', () => {
		for (const template of cases[name]?.bad ?? []) {
			expect(rule(template), JSON.stringify(template)).not.toEqual([]);
			expect(rule(inModule(template, parametersOf(template))), JSON.stringify(template)).not.toEqual([]);
		}
	});
});

const parametersOf = ({ parameters = {} }: Template) =>
	Object.fromEntries(Object.keys(parameters).map((name) => [name, { value: 1 }]));
