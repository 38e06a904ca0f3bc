import { z } from 'zod';
import { identity, userRole } from './identity-schema.ts';
import { isObject, member } from './odata-names.ts';
import { dataProvider } from './provider-schema.ts';
import type { JsonObject } from './request-body.ts';
import { flag, list, name, shape } from './schema-shapes.ts';

/**
 * What a request body may say about a profile. Unknown properties are ignored, as Graph does, and so are those that only the
 * service sets. Every accepted spelling of all four generations of the API leads to the same domain object.
 */

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
