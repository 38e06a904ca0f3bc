import { moduleOf, type Placed, resourcesOf, type Template, templatesOf, textsOf } from './template.ts';

/** What a template must never do. Each rule answers findings, in words; none is none. */
export const templateRules: Readonly<Record<string, (template: Template) => string[]>> = {
	'no keys are listed': (template) =>
		allTexts(template)
			.filter(({ text }) =>
				/\blist(Keys|Secrets|AccountSas|ServiceSas|ConnectionStrings|\w*Credentials)?\s*\(/i.test(text),
			)
			.map(({ path }) => `${path} lists keys`),

	'storage is opened by tokens alone, by TLS 1.2, and never to everybody': (template) =>
		each(template, 'Microsoft.Storage/storageAccounts', {
			allowSharedKeyAccess: false,
			allowBlobPublicAccess: false,
			allowCrossTenantReplication: false,
			defaultToOAuthAuthentication: true,
			minimumTlsVersion: 'TLS1_2',
			supportsHttpsTrafficOnly: true,
		}),

	'containers are private': (template) =>
		ofType(template, 'Microsoft.Storage/storageAccounts/blobServices/containers')
			.filter(({ resource }) => !['None', undefined].includes(resource.properties?.publicAccess as string | undefined))
			.map(({ path }) => `${path} is public`),

	'the vault is opened by roles, and cannot be purged': (template) =>
		each(template, 'Microsoft.KeyVault/vaults', {
			enableRbacAuthorization: true,
			enableSoftDelete: true,
			enablePurgeProtection: true,
		}),

	'telemetry is taken by tokens alone': (template) =>
		each(template, 'Microsoft.Insights/components', { DisableLocalAuth: true }),

	'the app speaks https alone, and takes no publishing password': (template) => [
		...each(template, 'Microsoft.Web/sites', { httpsOnly: true }),
		...each(template, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies', { allow: false }),
		...ofType(template, 'Microsoft.Web/sites')
			.filter(({ resource, template: own }) => !resource.existing && publishingPolicies(own) < 2)
			.map(({ path }) => `${path} lets publishing passwords in`),
	],

	'nothing secret is a parameter, an output or a setting': (template) =>
		templatesOf(template).flatMap(({ path, template: own }) => [
			...Object.entries(own.parameters ?? {})
				.filter(([, { type }]) => /^secure/i.test(type ?? ''))
				.map(([name]) => `${path}: parameter ${name} is secret`),
			...Object.entries(own.outputs ?? {})
				.filter(([name, { type, value }]) => /^secure/i.test(type ?? '') || isSecret(name) || isSecret(String(value)))
				.map(([name]) => `${path}: output ${name} is secret`),
			...textsOf(own.variables)
				.filter(({ text }) => /AccountKey=|SharedAccessSignature=|[?&]sig=|BEGIN [A-Z ]*PRIVATE KEY/.test(text))
				.map((found) => `${path}: ${found.path} is secret`),
		]),

	'every module gets each parameter that it must have, and no other': (template) =>
		resourcesOf(template).flatMap(({ path, resource }) => {
			const nested = moduleOf(resource);
			if (!nested) return [];
			const given = Object.keys((resource.properties?.parameters ?? {}) as object);
			const known = Object.entries(nested.parameters ?? {});
			const needed = known.filter(([, { defaultValue, nullable }]) => defaultValue === undefined && !nullable);
			return [
				...needed.filter(([name]) => !given.includes(name)).map(([name]) => `${path} lacks ${name}`),
				...given.filter((name) => !known.some(([own]) => own === name)).map((name) => `${path} has no ${name}`),
			];
		}),

	'everything that can tell what happens to it does': (template) =>
		resourcesOf(template)
			.filter(({ resource }) => tellingTypes.includes(resource.type) && !resource.existing)
			.filter((placed) => !isTold(placed))
			.map(({ path }) => `${path} has no diagnostic setting`),
};

/** Types with resource logs of their own. https://learn.microsoft.com/azure/azure-monitor/reference/logs-index */
const tellingTypes = [
	'Microsoft.EventGrid/systemTopics',
	'Microsoft.KeyVault/vaults',
	'Microsoft.OperationalInsights/workspaces',
	'Microsoft.Storage/storageAccounts/blobServices',
	'Microsoft.Storage/storageAccounts/queueServices',
	'Microsoft.Storage/storageAccounts/tableServices',
	'Microsoft.Web/sites',
];

const isSecret = (text: string) => /password|secret(?!s)|accesskey|connectionstring|sharedkey|sastoken/i.test(text);

function allTexts(template: Template): { path: string; text: string }[] {
	return templatesOf(template).flatMap(({ path, template: { resources, ...rest } }) =>
		textsOf(
			{ ...rest, resources: Object.fromEntries(Object.entries(resources).filter(([, each]) => !moduleOf(each))) },
			path,
		),
	);
}

const ofType = (template: Template, type: string) =>
	resourcesOf(template).filter(({ resource }) => resource.type === type);

function each(template: Template, type: string, wanted: Record<string, unknown>): string[] {
	return ofType(template, type)
		.filter(({ resource }) => !resource.existing)
		.flatMap(({ path, resource }) =>
			Object.entries(wanted)
				.filter(([name, value]) => resource.properties?.[name] !== value)
				.map(([name, value]) => `${path}: ${name} must be ${value}`),
		);
}

const publishingPolicies = ({ resources }: Template): number =>
	Object.values(resources).filter(({ type }) => type === 'Microsoft.Web/sites/basicPublishingCredentialsPolicies')
		.length;

function isTold({ resource, template }: Placed): boolean {
	return Object.values(template.resources).some(
		({ type, scope }) =>
			type === 'Microsoft.Insights/diagnosticSettings' && scope?.startsWith(`[resourceId('${resource.type}',`),
	);
}
