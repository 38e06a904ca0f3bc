import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { settingsSchema } from '../../src/settings.ts';
import { bicepFiles, findBicep, formatted, infraFolder, runBicep } from '../support/infra/bicep.ts';
import { type Resource, resourcesOf, type Template, textsOf } from '../support/infra/template.ts';
import { templateRules } from '../support/infra/template-rules.ts';

const bicep = findBicep() ?? '';
const suite = bicep ? 'the template' : 'the template (not checked: there is no Bicep compiler here)';

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const allowedRoles: Readonly<Record<string, string>> = {
	storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
	storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
	storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
	keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
	monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
};

/** Each was there when it was chosen; a newer one is chosen on purpose. */
const apiVersions: Readonly<Record<string, string>> = {
	'Microsoft.Authorization': '2022-04-01',
	'Microsoft.EventGrid': '2025-02-15',
	'Microsoft.Insights/actionGroups': '2023-01-01',
	'Microsoft.Insights/components': '2020-02-02',
	'Microsoft.Insights/diagnosticSettings': '2021-05-01-preview',
	'Microsoft.Insights/metricAlerts': '2018-03-01',
	'Microsoft.Insights/scheduledQueryRules': '2023-12-01',
	'Microsoft.Insights/workbooks': '2023-06-01',
	'Microsoft.KeyVault': '2023-07-01',
	'Microsoft.ManagedIdentity': '2023-01-31',
	'Microsoft.Network/privateDnsZones': '2024-06-01',
	'Microsoft.Network/privateEndpoints': '2024-05-01',
	'Microsoft.Network/virtualNetworks': '2024-05-01',
	'Microsoft.OperationalInsights': '2023-09-01',
	'Microsoft.Resources/resourceGroups': '2024-03-01',
	'Microsoft.Storage': '2024-01-01',
	'Microsoft.Web': '2024-04-01',
};

describe.skipIf(!bicep)(suite, () => {
	let template: Template;
	let app: Template;

	beforeAll(() => {
		const { output, diagnostics } = runBicep(bicep, ['build', 'main.bicep', '--stdout']);
		expect(diagnostics).toBe('');
		template = JSON.parse(output);
		app = template.resources.app?.properties?.template as Template;
	});

	test('passes the compiler and its linter without a warning, and is formatted', () => {
		expect(runBicep(bicep, ['lint', 'main.bicep']).diagnostics).toBe('');
		for (const file of bicepFiles)
			expect(formatted(bicep, file), file).toBe(readFileSync(path.join(infraFolder, file), 'utf8'));
	});

	test('takes its parameters from the environment', () => {
		const { output, diagnostics } = runBicep(bicep, ['build-params', 'main.bicepparam', '--stdout']);
		expect(diagnostics).toBe('');
		const { parameters } = JSON.parse(JSON.parse(output).parametersJson);
		expect(Object.keys(parameters).sort()).toEqual(Object.keys(template.parameters ?? {}).sort());
		expect(parameters.size.value).toBe('small');
		expect(Object.keys(parameters.appSettings.value).sort()).toEqual(operatorsSettings(template.definitions).sort());
	});

	test.each(Object.keys(templateRules))('%s', (rule) => {
		expect(templateRules[rule]?.(template)).toEqual([]);
	});

	test('gives the roles of the list, each to somebody, and no other', () => {
		const access = template.resources.access?.properties?.template as Template;
		expect(access.variables?.roles).toEqual(allowedRoles);
		const { roles: _, ...rest } = access.variables ?? {};
		const used = textsOf({ rest, resources: access.resources })
			.map(({ text }) => text)
			.join('\n');
		for (const role of Object.keys(allowedRoles)) expect(used, role).toContain(`variables('roles').${role}`);
		for (const { resource, path: place } of resourcesOf(template))
			if (resource.type === 'Microsoft.Authorization/roleAssignments') expect(place).toMatch(/^main\/access\//);
		const guids = JSON.stringify(template).match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g) ?? [];
		expect([...new Set(guids)].sort()).toEqual(Object.values(allowedRoles).sort());
	});

	test('asks for versions of the list', () => {
		const versionOf = ({ type }: Resource) =>
			Object.entries(apiVersions).find(([prefix]) => `${type}/`.startsWith(`${prefix}/`))?.[1];
		const modules = 'Microsoft.Resources/deployments';
		for (const { path: place, resource } of resourcesOf(template))
			if (resource.type !== modules) expect(versionOf(resource), `${place} ${resource.type}`).toBe(resource.apiVersion);
	});

	test('sets what the app reads, and nothing else', () => {
		const read = Object.keys(settingsSchema.shape).filter((name) => !notOfTheTemplate.includes(name));
		expect(settingsOf(app).sort()).toEqual([...read, ...readByThePlatform].sort());
	});

	test('leaves to Flex Consumption what it sets itself', () => {
		for (const name of settingsOf(app))
			expect(name).not.toMatch(/^(WEBSITE_|FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|AzureWebJobsStorage$)/);
	});

	test('gives the blob trigger the connection that it names, by identity, with the queue that it needs', () => {
		const [, connection] = /connection: '(\w+)'/.exec(readText('src/functions/uploaded-file.ts')) ?? [];
		for (const part of ['credential', 'clientId', 'blobServiceUri', 'queueServiceUri'])
			for (const name of [connection, 'AzureWebJobsStorage']) expect(settingsOf(app)).toContain(`${name}__${part}`);
		expect(app.variables?.rosterConnection).toHaveProperty(`${connection}__credential`, 'managedidentity');
		expect(app.variables?.hostConnection).toHaveProperty('AzureWebJobsStorage__credential', 'managedidentity');
	});
});

/** For other places than Azure, or set by the host itself. */
const notOfTheTemplate = ['ROSTER_STORAGE', 'SECRETS_KEY', 'WEBSITE_HOSTNAME', 'STORAGE_LOST_AT'];

/** The Functions host and its extensions connect by these; the last is read by the package that sends telemetry. */
const readByThePlatform = [
	'AzureWebJobsStorage__credential',
	'AzureWebJobsStorage__clientId',
	'AzureWebJobsStorage__blobServiceUri',
	'AzureWebJobsStorage__queueServiceUri',
	'AzureWebJobsStorage__tableServiceUri',
	'ROSTER_STORAGE__credential',
	'ROSTER_STORAGE__queueServiceUri',
	'APPLICATION_INSIGHTS_NO_STATSBEAT',
];

const readText = (name: string) => readFileSync(path.join(infraFolder, '..', name), 'utf8');

/** The names in the union that becomes the app's settings. */
function settingsOf({ variables = {}, definitions, resources }: Template): string[] {
	const { appSettings = '' } = (resources.app?.properties?.siteConfig ?? {}) as { appSettings?: string };
	const union = appSettings.slice(0, appSettings.indexOf('lambda('));
	const whole = [...union.matchAll(/variables\('(\w+)'\)/g)].flatMap(([, name]) =>
		Object.keys(variables[name as string] as object),
	);
	// Names of settings alone are in capitals.
	const single = [...union.matchAll(/'([A-Z][A-Z_]+)', /g)].map(([, name]) => name as string);
	expect(union).toContain("parameters('appSettings')");
	return [...whole, ...single, ...operatorsSettings(definitions)];
}

/** What an operator may set: a type that is shared by modules. */
function operatorsSettings(definitions: Template['definitions'] = {}): string[] {
	const [, type] = Object.entries(definitions).find(([name]) => name.endsWith('appSettingsType')) ?? [];
	return Object.keys(type?.properties ?? {});
}
