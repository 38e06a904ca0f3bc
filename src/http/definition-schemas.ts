import { z } from 'zod';
import { rosterKinds } from '../domain/roster/format/kinds.ts';
import { component, typed } from './schema-components.ts';

/**
 * The part of a profile that clients set, in two directions: as answers show it, every member there, and as requests may send it,
 * most of them left out and others beside. Clients are generated from these, so each object has a name, and each union a
 * discriminator. https://learn.microsoft.com/graph/api/resources/educationsynchronizationprofile?view=graph-rest-beta
 */
export type Direction = 'shown' | 'sent';

/** As Graph names a type; what is sent has a name of its own, since other members are required. */
const nameOf = (direction: Direction, name: string) => (direction === 'shown' ? name : `${name}Request`);

/** Answers have all members and no others; requests need the first ones only, and what nobody knows is ignored. */
function members<N extends z.ZodRawShape, O extends z.ZodRawShape>(direction: Direction, needed: N, others: O) {
	const optional = Object.fromEntries(
		Object.entries(others).map(([name, schema]) => [name, z.optional(schema as z.ZodType)]),
	);
	return direction === 'shown' ? z.strictObject({ ...needed, ...others }) : z.object({ ...needed, ...optional });
}

interface Named<T extends string> {
	direction: Direction;
	type: T;
}

/** A member of a union, known by its type. */
function variant<T extends string, N extends z.ZodRawShape, O extends z.ZodRawShape>(
	{ direction, type }: Named<T>,
	needed: N,
	others: O,
) {
	const schema = members(direction, { '@odata.type': typed(type), ...needed }, others);
	return component(nameOf(direction, type), schema) as z.ZodObject<{ '@odata.type': z.ZodLiteral<string> }>;
}

export const time = z.string().meta({ format: 'date-time', description: '`0001-01-01T00:00:00Z` means never.' });
const uri = z.string().meta({ format: 'uri' });
const strings = z.array(z.string());
export const userRole = component('educationUserRole', z.enum(['student', 'teacher', 'faculty']));

function customizationsOf(direction: Direction) {
	const customization = component(
		nameOf(direction, 'educationSynchronizationCustomization'),
		members(
			direction,
			{},
			{
				optionalPropertiesToSync: strings.meta({ description: 'CSV header names. Absent in a request: all.' }),
				synchronizationStartDate: time,
				isSyncDeferred: z.boolean(),
				allowDisplayNameUpdate: z.boolean(),
			},
		),
	);
	const all = Object.fromEntries(rosterKinds.map((kind) => [kind, customization]));
	return component(nameOf(direction, 'educationSynchronizationCustomizations'), members(direction, {}, all));
}

/** The secret of a server is only ever sent. */
const secretOf = (direction: Direction): z.ZodRawShape =>
	direction === 'sent' ? { clientSecret: z.string().meta({ writeOnly: true }) } : {};

function connectionSettingsOf(direction: Direction) {
	const clientId = z.string();
	return component(
		nameOf(direction, 'educationSynchronizationConnectionSettings'),
		z.discriminatedUnion('@odata.type', [
			variant(
				{ direction, type: 'educationSynchronizationOAuth1ConnectionSettings' },
				{ clientId },
				secretOf(direction),
			),
			variant(
				{ direction, type: 'educationSynchronizationOAuth2ClientCredentialsConnectionSettings' },
				{ clientId, tokenUrl: uri },
				{ ...secretOf(direction), scope: z.string().nullable() },
			),
		]),
	);
}

function dataProviderOf(direction: Direction, customizations: z.ZodType) {
	return component(
		nameOf(direction, 'educationSynchronizationDataProvider'),
		z.discriminatedUnion('@odata.type', [
			variant({ direction, type: 'educationCsvDataProvider' }, {}, { customizations }),
			variant(
				{ direction, type: 'educationPowerSchoolDataProvider' },
				{ connectionUrl: uri, clientId: z.string() },
				{
					...secretOf(direction),
					schoolsIds: strings,
					schoolYear: z.string().nullable(),
					allowTeachersInMultipleSchools: z.boolean(),
					customizations,
				},
			),
			variant(
				{ direction, type: 'educationOneRosterApiDataProvider' },
				{ connectionUrl: uri, connectionSettings: connectionSettingsOf(direction) },
				{ schoolsIds: strings, termIds: strings, providerName: z.string().nullable(), customizations },
			),
		]),
	);
}

function identityOf(direction: Direction) {
	const userDomain = component(
		nameOf(direction, 'educationIdentityDomain'),
		members(direction, { appliesTo: userRole, name: z.string() }, {}),
	);
	const matchingOptions = component(
		nameOf(direction, 'educationIdentityMatchingOptions'),
		members(
			direction,
			{ appliesTo: userRole, sourcePropertyName: z.string(), targetPropertyName: z.string() },
			{ targetDomain: z.string().nullable() },
		),
	);
	return component(
		nameOf(direction, 'educationIdentitySynchronizationConfiguration'),
		z.discriminatedUnion('@odata.type', [
			variant({ direction, type: 'educationIdentityCreationConfiguration' }, { userDomains: z.array(userDomain) }, {}),
			variant(
				{ direction, type: 'educationIdentityMatchingConfiguration' },
				{ matchingOptions: z.array(matchingOptions) },
				{},
			),
		]),
	);
}

/** The members of a profile that a client may set. */
export function definitionMembers(direction: Direction) {
	const customizations = customizationsOf(direction);
	const license = component(
		nameOf(direction, 'educationSynchronizationLicenseAssignment'),
		members(direction, { appliesTo: userRole }, { skuIds: strings }),
	);
	return {
		displayName: z.string(),
		dataProvider: dataProviderOf(direction, customizations),
		identitySynchronizationConfiguration: identityOf(direction),
		licensesToAssign: z.array(license),
		handleSpecialCharacterConstraint: z.boolean(),
		expirationDate: z.string().nullable().meta({ format: 'date' }),
		customizations,
	};
}
