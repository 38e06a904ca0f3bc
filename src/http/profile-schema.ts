import { z } from 'zod';
import type { UserRole } from '../domain/profile.ts';
import { type RosterKind, rosterKinds } from '../domain/roster/kinds.ts';
import { isObject, member, namedBy, typeNameOf } from './odata-names.ts';
import type { JsonObject } from './request-body.ts';

/**
 * What a request body may say about a profile. Unknown properties are ignored, as Graph does, and so are those that only the
 * service sets. Every accepted spelling of all four generations of the API leads to the same domain object.
 */

const maxNameLength = 256;
const maxListLength = 200;
/** What browsers and servers take. */
const maxUrlLength = 2_048;
const maxSecretLength = 4_096;
/** The domain part of a user principal name. */
const maxDomainLength = 48;

const name = z.string().trim().min(1).max(maxNameLength, `must have 1 to ${maxNameLength} characters`);
const flag = z.boolean().default(false);
const list = <T extends z.ZodType>(item: T) => z.array(item).max(maxListLength);

/** Takes each property by any of its spellings. */
function shape<S extends z.ZodRawShape>(properties: S, spellings: Readonly<Record<string, readonly string[]>> = {}) {
	const names = Object.fromEntries(Object.keys(properties).map((each) => [each, spellings[each] ?? []]));
	return z.preprocess((value) => (isObject(value) ? namedBy(names, value) : value), z.object(properties));
}

/** OData lets an enum member be named by its number too. */
const roleNumbers: ReadonlyMap<string, UserRole> = new Map([
	['0', 'student'],
	['1', 'teacher'],
	['4', 'faculty'],
]);

const userRole = z.preprocess(
	(value) => (typeof value === 'string' ? (roleNumbers.get(value) ?? value.toLowerCase()) : value),
	z.enum(['student', 'teacher', 'faculty'], { error: 'must be "student", "teacher" or "faculty"' }),
);

const domainName = z
	.string()
	.trim()
	.max(maxDomainLength)
	.regex(
		/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])$/i,
		'must be a domain name such as "contoso.edu"',
	);

/** Faculty are teachers. */
function isOnePerRole(entries: readonly { appliesTo: UserRole }[]): boolean {
	const students = entries.filter(({ appliesTo }) => appliesTo === 'student').length;
	return students === 1 && entries.length === 2;
}

const userDomains = list(shape({ appliesTo: userRole, name: domainName })).refine(isOnePerRole, {
	error: 'must name exactly one domain for students and one for teachers',
});

const targetProperties = ['userPrincipalName', 'mail', 'mailNickname'] as const;

/** In the first generation the rule lay in a nested `options` object. */
function flattenOptions(value: unknown): unknown {
	const options = isObject(value) ? member(value, 'options') : undefined;
	return isObject(value) && isObject(options) ? { ...value, ...options } : value;
}

const matchingOption = z.preprocess(
	flattenOptions,
	shape({
		appliesTo: userRole,
		sourcePropertyName: name,
		targetPropertyName: z.enum(targetProperties, { error: `must be one of ${targetProperties.join(', ')}` }),
		targetDomain: domainName.optional(),
	}),
);

const matchingOptions = list(matchingOption).refine(isOnePerRole, {
	error: 'must have exactly one option for students and one for teachers',
});

/** The discriminator, from the type name. */
function withKind(kinds: ReadonlyMap<string, string>, members: Readonly<Record<string, readonly string[]>>) {
	const names = { '@odata.type': [], ...members };
	return (value: unknown) =>
		isObject(value) ? { ...namedBy(names, value), kind: kinds.get(typeNameOf(value) ?? '') } : value;
}

/** A link of the school's own; what it says is looked at when it is opened, where it leads to as well. */
const serverUrl = z
	.string()
	.trim()
	.max(maxUrlLength)
	.refine(isServerUrl, { error: 'must be an https URL without user name, password and fragment' });

function isServerUrl(text: string): boolean {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}

/** The secret is taken out of the way before anything can show it. */
const clientProperties = { clientId: name, clientSecret: z.string().min(1).max(maxSecretLength).optional() };

const connectionKinds = new Map([
	['synchronizationoauth1connectionsettings', 'oauth1'],
	['synchronizationoauth2clientcredentialsconnectionsettings', 'oauth2'],
]);

const connectionTypes =
	'must be #microsoft.graph.educationSynchronizationOAuth1ConnectionSettings or #microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings';

const connectionSettings = z.preprocess(
	withKind(connectionKinds, { clientId: [], clientSecret: [], tokenUrl: [], scope: [] }),
	z.discriminatedUnion(
		'kind',
		[
			shapeOf('oauth1', clientProperties),
			shapeOf('oauth2', { ...clientProperties, tokenUrl: serverUrl, scope: z.string().max(maxUrlLength).optional() }),
		],
		{ error: ({ code }) => (code === 'invalid_union' ? connectionTypes : undefined) },
	),
);

/** Until 2018 a OneRoster provider had the client's id and secret beside its URL. */
function connectionIntoSettings(value: unknown): unknown {
	const isOneRoster = isObject(value) && typeNameOf(value) === 'onerosterapidataprovider';
	if (!isOneRoster || member(value, 'connectionSettings') !== undefined || member(value, 'clientId') === undefined)
		return value;
	const type = member(value, 'tokenUrl') === undefined ? 'OAuth1' : 'OAuth2ClientCredentials';
	const settings = namedBy({ clientId: [], clientSecret: [], tokenUrl: [], scope: [] }, value);
	return {
		...value,
		connectionSettings: { '@odata.type': `educationSynchronization${type}ConnectionSettings`, ...settings },
	};
}

const identityKinds = new Map([
	['identitycreationconfiguration', 'creation'],
	['identitymatchingconfiguration', 'matching'],
]);

const identityTypes =
	'must be #microsoft.graph.educationIdentityCreationConfiguration or #microsoft.graph.educationIdentityMatchingConfiguration';

const identity = z.preprocess(
	withKind(identityKinds, { userDomains: [], matchingOptions: [] }),
	z.discriminatedUnion('kind', [shapeOf('creation', { userDomains }), shapeOf('matching', { matchingOptions })], {
		error: ({ code }) => (code === 'invalid_union' ? identityTypes : undefined),
	}),
);

function shapeOf<K extends string, S extends z.ZodRawShape>(kind: K, properties: S) {
	return z.object({ kind: z.literal(kind), ...properties });
}

/** A client may leave a date out, send null, or echo what .NET says for "never". */
function withoutNever(value: unknown): unknown {
	return typeof value === 'string' && value.startsWith('0001-01-01T00:00:00') ? undefined : value;
}

const startDate = z.preprocess(
	withoutNever,
	z.iso
		.datetime({ offset: true, local: true, error: 'must be a date and time such as "2026-09-01T00:00:00Z"' })
		// Without an offset it is UTC, whatever zone this machine is in.
		.transform((value) => (/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`))
		.optional(),
);

const entityCustomization = shape({
	optionalPropertiesToSync: list(name).optional(),
	synchronizationStartDate: startDate,
	isSyncDeferred: flag,
	allowDisplayNameUpdate: flag,
});

const customizations = shape(
	Object.fromEntries(rosterKinds.map((kind) => [kind, entityCustomization.optional()])) as Record<
		RosterKind,
		z.ZodOptional<typeof entityCustomization>
	>,
);

const providerKinds = new Map([
	['csvdataprovider', 'csv'],
	['powerschooldataprovider', 'powerSchool'],
	['onerosterapidataprovider', 'oneRoster'],
]);

const providerTypes =
	'must be #microsoft.graph.educationCsvDataProvider, #microsoft.graph.educationOneRosterApiDataProvider or #microsoft.graph.educationPowerSchoolDataProvider';

const ids = list(name).default([]);

const dataProvider = z.preprocess(
	connectionIntoSettings,
	z.preprocess(
		withKind(providerKinds, {
			customizations: [],
			connectionUrl: [],
			connectionSettings: [],
			clientId: [],
			clientSecret: [],
			schoolsIds: ['schoolIds'],
			termIds: [],
			providerName: [],
			schoolYear: [],
			allowTeachersInMultipleSchools: [],
		}),
		z.discriminatedUnion(
			'kind',
			[
				shapeOf('csv', { customizations: customizations.optional() }),
				shapeOf('powerSchool', {
					connectionUrl: serverUrl,
					...clientProperties,
					schoolsIds: ids,
					schoolYear: name.optional(),
					allowTeachersInMultipleSchools: flag,
					customizations: customizations.optional(),
				}),
				shapeOf('oneRoster', {
					connectionUrl: serverUrl,
					connectionSettings,
					schoolsIds: ids,
					termIds: ids,
					providerName: name.optional(),
					customizations: customizations.optional(),
				}),
			],
			{ error: ({ code }) => (code === 'invalid_union' ? providerTypes : undefined) },
		),
	),
);

const licenseAssignment = shape({ appliesTo: userRole, skuIds: list(name).default([]) });

const profileProperties = {
	displayName: name,
	dataProvider,
	identity,
	licensesToAssign: list(licenseAssignment).default([]),
	handleSpecialCharacterConstraint: flag,
	expirationDate: z.iso.date({ error: 'must be a date such as "2027-06-30"' }).optional(),
} as const;

/** By the name that the domain gives a property: the other names by which clients know it. */
export const profileSpellings: Readonly<Record<keyof typeof profileProperties, readonly string[]>> = {
	displayName: [],
	dataProvider: ['dataSource'],
	identity: ['identitySynchronizationConfiguration', 'identitySyncConfiguration'],
	licensesToAssign: [],
	handleSpecialCharacterConstraint: [],
	expirationDate: [],
};

/** Older clients put the customizations beside the provider; what is in the provider comes first. */
export function customizationsIntoProvider(body: JsonObject): JsonObject {
	const beside = member(body, 'customizations');
	const provider = member(body, 'dataProvider', ...profileSpellings.dataProvider) ?? {};
	if (beside === undefined || !isObject(provider) || member(provider, 'customizations') !== undefined) return body;
	const rest = Object.entries(body).filter(([each]) => !/^(data(provider|source)|customizations)$/i.test(each));
	return { ...Object.fromEntries(rest), dataProvider: { ...provider, customizations: beside } };
}

export const profileSchema = shape(profileProperties, profileSpellings);
