import { z } from 'zod';
import type { UserRole } from '../domain/profile.ts';
import { type RosterKind, rosterKinds } from '../domain/roster/kinds.ts';
import { isObject, member, typeNameOf } from './odata-names.ts';
import type { JsonObject } from './request-body.ts';

/**
 * What a request body may say about a profile. Unknown properties are ignored, as Graph does, and so are those that only the
 * service sets. Every accepted spelling of all four generations of the API leads to the same domain object.
 */

const maxNameLength = 256;
const maxListLength = 200;
/** The domain part of a user principal name. */
const maxDomainLength = 48;

const text = z.string().trim().min(1).max(maxNameLength);
const flag = z.boolean().default(false);

/** A client may leave a date out, send null, or echo the "never" of .NET. */
const minimumDate = '0001-01-01T00:00:00Z';

/** Numbers of the enum, which OData also allows. */
const roleNumbers: Readonly<Record<string, UserRole>> = { 0: 'student', 1: 'teacher', 4: 'faculty' };

export const userRole = z.preprocess(
	(value) => (typeof value === 'string' ? (roleNumbers[value] ?? value.toLowerCase()) : value),
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

const canonical = (names: Readonly<Record<string, readonly string[]>>) => (value: unknown) => {
	if (!isObject(value)) return value;
	return Object.fromEntries(
		Object.entries(names).map(([name, spellings]) => [name, member(value, name, ...spellings)]),
	);
};

/** Takes each property by any of its spellings. */
function shape<S extends z.ZodRawShape>(properties: S, spellings: Readonly<Record<string, readonly string[]>> = {}) {
	const names = Object.fromEntries(Object.keys(properties).map((name) => [name, spellings[name] ?? []]));
	return z.preprocess(canonical(names), z.object(properties));
}

const oncePerRole = <T extends { appliesTo: UserRole }>(entries: readonly T[]) => {
	const roles = entries.map(({ appliesTo }) => (appliesTo === 'student' ? 'student' : 'teacher'));
	return new Set(roles).size === roles.length;
};

const perRole = { error: 'must have at most one entry for students and one for teachers' };

const userDomains = z
	.array(shape({ appliesTo: userRole, name: domainName }))
	.max(maxListLength)
	.refine(oncePerRole, perRole)
	.refine((entries) => entries.length === 2, { error: 'must name one domain for students and one for teachers' });

const targetProperties = ['userPrincipalName', 'mail', 'mailNickname'] as const;

/** In the first generation the rule lay in a nested `options` object. */
const flattenOptions = (value: unknown) => {
	const options = isObject(value) ? member(value, 'options') : undefined;
	return isObject(value) && isObject(options) ? { ...value, ...options } : value;
};

const matchingOption = z.preprocess(
	flattenOptions,
	shape({
		appliesTo: userRole,
		sourcePropertyName: text,
		targetPropertyName: z.enum(targetProperties, { error: `must be one of ${targetProperties.join(', ')}` }),
		targetDomain: domainName.optional(),
	}),
);

const matchingOptions = z.array(matchingOption).min(1).max(maxListLength).refine(oncePerRole, perRole);

/** The member `kind` comes from the type name. */
function polymorphic(kinds: Readonly<Record<string, string>>) {
	return (value: unknown) =>
		isObject(value) ? { ...value, kind: kinds[typeNameOf(value) ?? ''] ?? 'unknown' } : value;
}

const identityKinds = { identitycreationconfiguration: 'creation', identitymatchingconfiguration: 'matching' };

const identity = z.preprocess(
	polymorphic(identityKinds),
	z.discriminatedUnion(
		'kind',
		[
			z.object({ kind: z.literal('creation'), userDomains }),
			z.object({ kind: z.literal('matching'), matchingOptions }),
		],
		{
			error: (issue) =>
				issue.code === 'invalid_union'
					? 'its @odata.type must be #microsoft.graph.educationIdentityCreationConfiguration or #microsoft.graph.educationIdentityMatchingConfiguration'
					: undefined,
		},
	),
);

const startDate = z.preprocess(
	(value) => (typeof value === 'string' && Date.parse(value) === Date.parse(minimumDate) ? undefined : value),
	z.iso.datetime({ offset: true, error: 'must be a date and time such as "2026-09-01T00:00:00Z"' }).optional(),
);

const entityCustomization = shape({
	optionalPropertiesToSync: z.array(text).max(maxListLength).optional(),
	synchronizationStartDate: startDate,
	isSyncDeferred: flag,
	allowDisplayNameUpdate: flag,
});

const customizations = shape(
	Object.fromEntries(rosterKinds.map((kind) => [kind, entityCustomization.optional()])) as Record<
		RosterKind,
		z.ZodOptional<typeof entityCustomization>
	>,
).optional();

const providerKinds = {
	csvdataprovider: 'csv',
	powerschooldataprovider: 'unsupported',
	onerosterapidataprovider: 'unsupported',
};

const dataProvider = z.preprocess(
	polymorphic(providerKinds),
	z.discriminatedUnion('kind', [z.object({ kind: z.literal('csv'), customizations })], {
		error: (issue) => providerProblem(issue.input),
	}),
);

function providerProblem(input: unknown): string | undefined {
	if (!isObject(input)) return undefined;
	return input.kind === 'unsupported'
		? 'this service cannot read that provider yet; use #microsoft.graph.educationCsvDataProvider'
		: 'its @odata.type must be #microsoft.graph.educationCsvDataProvider';
}

const licenseAssignment = shape({ appliesTo: userRole, skuIds: z.array(text).max(maxListLength).default([]) });

const profileProperties = {
	displayName: z.string().trim().min(1, 'must not be empty').max(maxNameLength),
	dataProvider,
	identity,
	licensesToAssign: z.array(licenseAssignment).max(maxListLength).default([]),
	handleSpecialCharacterConstraint: flag,
	expirationDate: z.iso.date({ error: 'must be a date such as "2027-06-30"' }).optional(),
} as const;

/** By the name that the domain gives it: the names that clients use. */
export const profileSpellings: Readonly<Record<keyof typeof profileProperties, readonly string[]>> = {
	displayName: [],
	dataProvider: ['dataSource'],
	identity: ['identitySynchronizationConfiguration', 'identitySyncConfiguration'],
	licensesToAssign: [],
	handleSpecialCharacterConstraint: [],
	expirationDate: [],
};

/** Older clients put the customizations beside the provider instead of into it. */
const customizationsIntoProvider = (value: unknown) => {
	if (!isObject(value)) return value;
	const provider = member(value, 'dataProvider', 'dataSource');
	const beside = member(value, 'customizations');
	if (!isObject(provider) || beside === undefined || member(provider, 'customizations') !== undefined) return value;
	return { ...withoutProvider(value), dataProvider: { ...provider, customizations: beside } };
};

function withoutProvider(value: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(value).filter(([name]) => !/^data(provider|source)$/i.test(name)));
}

export const profileSchema = z.preprocess(customizationsIntoProvider, shape(profileProperties, profileSpellings));
