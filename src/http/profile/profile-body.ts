import type { z } from 'zod';
import { apiErrors, type SyncApiError } from '../../domain/errors.ts';
import type {
	ConnectionSettings,
	DataProvider,
	EntityCustomization,
	OneRosterProvider,
	PowerSchoolProvider,
	ProfileDefinition,
} from '../../domain/profile.ts';
import { optionalColumnsOf } from '../../domain/roster/format/columns.ts';
import { type RosterKind, rosterKinds } from '../../domain/roster/format/kinds.ts';
import { isGuid } from '../guid.ts';
import { hasMember, isObject, member, typeNameOf } from '../odata-names.ts';
import type { JsonObject } from '../request-body.ts';
import { identity as identitySchema } from './identity-schema.ts';
import { invalidProfile, ruleOf } from './profile-faults.ts';
import { definitionResource } from './profile-resource.ts';
import { customizationsIntoProvider, profileSchema, profileSpellings } from './profile-schema.ts';

/** What a request says about a profile. The secret is not part of it, and is absent if the request has none. */
export interface ProfileInput {
	definition: ProfileDefinition;
	clientSecret?: string;
}

/** A whole profile, as POST and PUT send it. Throws `SyncApiError` (400) with one detail for each fault. */
export function readProfile(body: JsonObject): ProfileInput {
	const profile = customizationsIntoProvider(body);
	const parsed = profileSchema.safeParse(profile, { reportInput: true, error: ruleOf });
	if (!parsed.success) throw invalidProfile(parsed.error);
	const clientSecret = secretOf(parsed.data.dataProvider);
	return { definition: definitionOf(parsed.data), ...(clientSecret ? { clientSecret } : {}) };
}

/** The id by which a body names the profile that it replaces, in lower case, if it has one. Throws `SyncApiError` (400) for no GUID. */
export function readProfileId(body: JsonObject): string | undefined {
	const id = member(body, 'id');
	if (id === undefined) return undefined;
	if (typeof id === 'string' && isGuid(id)) return id.toLowerCase();
	throw unnamedProfile('the "id" of the body is no GUID');
}

/** The 400 of a replacement that does not say whose it is, with why. */
export function unnamedProfile(reason: string): SyncApiError {
	const message = `Cannot tell which profile to replace: ${reason}. Put the "id" of the profile into the body, or at the end of the path.`;
	return apiErrors.badRequest(message, [{ code: 'InvalidValue', target: 'id', message }]);
}

/** What PUT sends in the place of the present profile. Throws as `readProfile` does. */
export function readReplacement(current: ProfileDefinition, body: JsonObject): ProfileInput {
	return readProfile(withOneIdentity(current, body));
}

const identityNames = ['identitySynchronizationConfiguration', 'identitySyncConfiguration'] as const;

/**
 * The roots of 2017 show the identity under both its names, and a client that sends back what it got changed one of them: the one
 * that is not as it was.
 */
function withOneIdentity(current: ProfileDefinition, body: JsonObject): JsonObject {
	const [name, olderName] = identityNames;
	if (member(body, name) === undefined || member(body, olderName) === undefined) return body;
	const parsed = identitySchema.safeParse(member(body, name));
	const isUnchanged = parsed.success && JSON.stringify(parsed.data) === JSON.stringify(current.identity);
	const dropped = (isUnchanged ? name : olderName).toLowerCase();
	return Object.fromEntries(Object.entries(body).filter(([each]) => each.toLowerCase() !== dropped));
}

/**
 * What PATCH sends: the members that are there replace the present ones, those of complex ones too, and null clears.
 * Throws as `readProfile` does.
 */
export function applyProfilePatch(current: ProfileDefinition, body: JsonObject): ProfileInput {
	const patch = customizationsIntoProvider(withOneIdentity(current, body));
	const merged: Record<string, unknown> = { ...definitionResource(current) };
	for (const [property, spellings] of Object.entries(profileSpellings)) {
		const name = clientNameOf(property);
		if (hasMember(patch, property, ...spellings))
			merged[name] = mergedValue(merged[name], member(patch, property, ...spellings));
	}
	return readProfile(merged);
}

const clientNameOf = (property: string) =>
	property === 'identity' ? 'identitySynchronizationConfiguration' : property;

/** Objects of one type are merged, be their members spelled as they may; an object of another type takes the place. */
function mergedValue(present: unknown, patch: unknown): unknown {
	if (!isObject(present) || !isObject(patch)) return patch;
	const type = typeNameOf(patch);
	if (type !== undefined && type !== typeNameOf(present)) return patch;
	const merged: Record<string, unknown> = { ...present };
	for (const [name, value] of Object.entries(patch)) {
		if (name === '@odata.type') continue;
		const key = Object.keys(present).find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
		merged[key] = mergedValue(present[key], value);
	}
	return merged;
}

/** Leaves out what was not said, so that "absent" has one form. */
function definitionOf(parsed: z.infer<typeof profileSchema>): ProfileDefinition {
	const { expirationDate, dataProvider, identity, ...rest } = parsed;
	return {
		...rest,
		dataProvider: providerOf(dataProvider),
		identity:
			identity.kind === 'creation'
				? identity
				: { kind: 'matching', matchingOptions: identity.matchingOptions.map((option) => withoutAbsent(option)) },
		...(expirationDate ? { expirationDate } : {}),
	};
}

type ParsedProvider = z.infer<typeof profileSchema>['dataProvider'];
type ParsedCustomizations = NonNullable<ParsedProvider['customizations']>;

function secretOf(provider: ParsedProvider): string | undefined {
	if (provider.kind === 'powerSchool') return provider.clientSecret;
	return provider.kind === 'oneRoster' ? provider.connectionSettings.clientSecret : undefined;
}

function providerOf(parsed: ParsedProvider): DataProvider {
	const customizations = customizationsOf(parsed.customizations ?? {});
	if (parsed.kind === 'csv') return { kind: 'csv', customizations };
	if (parsed.kind === 'powerSchool') {
		const { clientSecret: _, ...provider } = parsed;
		return withoutAbsent<PowerSchoolProvider>({ ...provider, customizations });
	}
	const { clientSecret: _, ...settings } = parsed.connectionSettings;
	const connectionSettings = withoutAbsent<ConnectionSettings>(settings as ConnectionSettings);
	return withoutAbsent<OneRosterProvider>({ ...parsed, connectionSettings, customizations });
}

function customizationsOf(parsed: ParsedCustomizations): Partial<Record<RosterKind, EntityCustomization>> {
	const customizations: Partial<Record<RosterKind, EntityCustomization>> = {};
	for (const kind of rosterKinds) {
		const { optionalPropertiesToSync: names, ...rest } = parsed[kind] ?? {};
		if (!parsed[kind]) continue;
		// The whole list is what we show where none was given; a client that sends it back has selected nothing.
		const isWholeList = names?.join('\n') === optionalColumnsOf(kind).join('\n');
		const selection = names && !isWholeList ? { optionalPropertiesToSync: names } : {};
		customizations[kind] = { ...selection, ...withoutAbsent(rest as EntityCustomization) };
	}
	return customizations;
}

/** An absent member and one that is `undefined` are the same to a client; the stored profile has the first. */
function withoutAbsent<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
