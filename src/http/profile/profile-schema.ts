import { z } from 'zod';
import { isObject, member } from '../odata-names.ts';
import type { JsonObject } from '../request-body.ts';
import { identity, userRole } from './identity-schema.ts';
import { dataProvider } from './provider-schema.ts';
import { flag, list, name, optional, shape } from './schema-shapes.ts';

/**
 * What a request body may say about a profile. Unknown properties are ignored, as Graph does, and so are those that only the
 * service sets. Every accepted spelling of all four generations of the API leads to the same domain object.
 */

const guidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Such as `STANDARDWOFFPACK_STUDENT`; some newer ones have blanks, brackets, a slash or a dash. */
const partNumberPattern = /^(?=.*[a-z])[a-z0-9][\w ()/.+-]*$/i;
/** A GUID that lost a digit, and no part number: these have other letters than a to f, or no dash. */
const brokenGuidPattern = /^[0-9a-f]+(-[0-9a-f]*)+$/i;

const isSku = (text: string) =>
	guidPattern.test(text) || (partNumberPattern.test(text) && !brokenGuidPattern.test(text));

/** https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference */
const skuId = name.refine(isSku, {
	error: 'must be the GUID or the part number of a licence, such as "STANDARDWOFFPACK_STUDENT"',
	when: ({ value }) => typeof value === 'string' && value !== '',
});

const licenseAssignment = shape({ appliesTo: userRole, skuIds: list(skuId).default([]) });

/**
 * Of a date and time the date counts as it is written, whatever its offset: who writes `2027-06-30T00:00:00+02:00` means 30 June.
 * What .NET says for "never" is no date.
 */
function dateOf(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const text = value.trim();
	const date = z.iso.datetime({ offset: true, local: true }).safeParse(text).success ? text.slice(0, 10) : text;
	return date === '0001-01-01' ? undefined : date;
}

const profileProperties = {
	displayName: name,
	dataProvider,
	identity,
	licensesToAssign: list(licenseAssignment).default([]),
	handleSpecialCharacterConstraint: flag,
	expirationDate: z.preprocess(dateOf, optional(z.iso.date({ error: 'must be a date such as "2027-06-30"' }))),
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
