import { z } from 'zod';
import { matchProperties } from '../../../domain/directory.ts';
import type { IdentityConfiguration, MatchingOption, UserRole } from '../../../domain/profile.ts';
import { isObject, member } from '../../odata/odata-names.ts';
import { type Direction, namedObject, namedUnion, roleName, variant } from '../../openapi/described-shapes.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import type { Setting } from '../property.ts';
import { list, name, optional, shape, shapeOf, withKind, withoutAbsent } from '../schema-shapes.ts';

/** The domain part of a user principal name. */
const maxDomainLength = 48;

/** OData lets an enum member be named by its number too. */
const roleNumbers: ReadonlyMap<string, UserRole> = new Map([
	['0', 'student'],
	['1', 'teacher'],
	['4', 'faculty'],
]);

export const userRole = z.preprocess(
	(value) => {
		const text = typeof value === 'number' ? String(value) : value;
		return typeof text === 'string' ? (roleNumbers.get(text) ?? text.toLowerCase()) : text;
	},
	z.enum(['student', 'teacher', 'faculty'], { error: 'must be "student", "teacher" or "faculty"' }),
);

/** As people write it: `@contoso.edu` is the domain after the sign. */
const withoutAt = (value: unknown) => (typeof value === 'string' ? value.trim().replace(/^@/, '') : value);

const domainName = z.preprocess(
	withoutAt,
	z
		.string()
		.max(maxDomainLength)
		.regex(
			/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])$/i,
			'must be a domain name such as "contoso.edu"',
		),
);

/** Faculty are teachers. */
function isOnePerRole(entries: readonly { appliesTo: UserRole }[]): boolean {
	const students = entries.filter(({ appliesTo }) => appliesTo === 'student').length;
	return entries.length > 0 && students <= 1 && entries.length - students <= 1;
}

const userDomains = list(shape({ appliesTo: userRole, name: domainName })).refine(isOnePerRole, {
	error: 'must name a domain for students, one for teachers (faculty are teachers), or one for each',
});

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
		targetPropertyName: z.enum(matchProperties, { error: `must be one of ${matchProperties.join(', ')}` }),
		targetDomain: optional(domainName),
	}),
);

const matchingOptions = list(matchingOption).refine(isOnePerRole, {
	error: 'must have an option for students, one for teachers (faculty are teachers), or one for each',
});

const identityKinds = new Map([
	['identitycreationconfiguration', 'creation'],
	['identitymatchingconfiguration', 'matching'],
]);

const identityTypes =
	'must be #microsoft.graph.educationIdentityCreationConfiguration or #microsoft.graph.educationIdentityMatchingConfiguration';

const sent = z.preprocess(
	withKind(identityKinds, { userDomains: [], matchingOptions: [] }),
	z.discriminatedUnion('kind', [shapeOf('creation', { userDomains }), shapeOf('matching', { matchingOptions })], {
		error: ({ code }) => (code === 'invalid_union' ? identityTypes : undefined),
	}),
);

const input = sent.transform((parsed): IdentityConfiguration => {
	if (parsed.kind === 'creation') return parsed;
	return {
		kind: 'matching',
		matchingOptions: parsed.matchingOptions.map((each) => withoutAbsent<MatchingOption>(each)),
	};
});

function shown(identity: IdentityConfiguration): JsonObject {
	if (identity.kind === 'creation') {
		return {
			'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
			userDomains: identity.userDomains.map(({ appliesTo, name }) => ({ appliesTo, name })),
		};
	}
	return {
		'@odata.type': '#microsoft.graph.educationIdentityMatchingConfiguration',
		matchingOptions: identity.matchingOptions.map((option) => ({
			appliesTo: option.appliesTo,
			sourcePropertyName: option.sourcePropertyName,
			targetPropertyName: option.targetPropertyName,
			targetDomain: option.targetDomain ?? null,
		})),
	};
}

function described(direction: Direction) {
	const userDomain = namedObject(
		{ direction, type: 'educationIdentityDomain' },
		{ appliesTo: roleName, name: z.string() },
		{},
	);
	const option = namedObject(
		{ direction, type: 'educationIdentityMatchingOptions' },
		{ appliesTo: roleName, sourcePropertyName: z.string(), targetPropertyName: z.string() },
		{ targetDomain: z.string().nullable() },
	);
	return namedUnion({ direction, type: 'educationIdentitySynchronizationConfiguration' }, [
		variant({ direction, type: 'educationIdentityCreationConfiguration' }, { userDomains: z.array(userDomain) }, {}),
		variant({ direction, type: 'educationIdentityMatchingConfiguration' }, { matchingOptions: z.array(option) }, {}),
	]);
}

export const identity = { input, shown, described } satisfies Setting<IdentityConfiguration>;
