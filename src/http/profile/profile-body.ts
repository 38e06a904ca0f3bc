import { z } from 'zod';
import { apiErrors, type SyncApiError } from '../../domain/errors.ts';
import type { ProfileDefinition } from '../../domain/profile.ts';
import { hasMember, isObject, member, typeNameOf } from '../odata/odata-names.ts';
import { isGuid } from '../requests/guid.ts';
import type { JsonObject } from '../requests/request-body.ts';
import { intoTheirPlaces, withOneName } from './older-forms.ts';
import { invalidProfile, ruleOf } from './profile-faults.ts';
import { definitionResource } from './profile-resource.ts';
import { profileProperties } from './properties.ts';
import { type NamedSetting, type ProfileSecrets, type PropertyTable, settingsOf } from './property.ts';
import { optional } from './schema-shapes.ts';

/** What a request says about a profile. Secrets are not part of it, and are absent if the request has none. */
export interface ProfileInput extends ProfileSecrets {
	definition: ProfileDefinition;
}

/**
 * A whole profile, as POST and PUT send it. Unknown properties are ignored, as Graph does, and so are those that only the service
 * sets. Every accepted spelling of all four generations of the API leads to the same domain object. Throws `SyncApiError` (400) with
 * one detail for each fault.
 */
export function readProfile(body: JsonObject, table: PropertyTable = profileProperties): ProfileInput {
	const profile = intoTheirPlaces(body, table);
	const settings = settingsOf(table);
	const sent = Object.fromEntries(settings.map(({ name, names }) => [name, member(profile, ...names)]));
	const parsed = schemaOf(table).safeParse(sent, { reportInput: true, error: ruleOf });
	if (!parsed.success) throw invalidProfile(parsed.error);
	const secrets = settings.map(({ name, secrets }) => secrets?.parse(sent[name]));
	return Object.assign({ definition: definitionOf(settings, parsed.data) }, ...secrets);
}

const schemas = new WeakMap<PropertyTable, z.ZodObject>();

function schemaOf(table: PropertyTable): z.ZodObject {
	const schema =
		schemas.get(table) ?? z.object(Object.fromEntries(settingsOf(table).map((each) => [each.name, inputOf(each)])));
	schemas.set(table, schema);
	return schema;
}

const inputOf = ({ input, whenAbsent }: NamedSetting) => (whenAbsent === 'hidden' ? optional(input) : input);

/** Leaves out what was not said, so that "absent" has one form. That the table has every setting, with its type, the compiler holds. */
function definitionOf(settings: readonly NamedSetting[], parsed: JsonObject): ProfileDefinition {
	const members = settings.map(({ key, name }) => [key, parsed[name]]).filter(([, value]) => value !== undefined);
	return Object.fromEntries(members) as unknown as ProfileDefinition;
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
export function readReplacement(
	current: ProfileDefinition,
	body: JsonObject,
	table: PropertyTable = profileProperties,
): ProfileInput {
	return readProfile(withOneName(current, body, table), table);
}

/**
 * What PATCH sends: the members that are there replace the present ones, those of complex ones too, and null clears.
 * Throws as `readProfile` does.
 */
export function applyProfilePatch(
	current: ProfileDefinition,
	body: JsonObject,
	table: PropertyTable = profileProperties,
): ProfileInput {
	const patch = intoTheirPlaces(withOneName(current, body, table), table);
	const merged: Record<string, unknown> = { ...definitionResource(current, table) };
	for (const { name, names } of settingsOf(table))
		if (hasMember(patch, ...names)) merged[name] = mergedValue(merged[name], member(patch, ...names));
	return readProfile(merged, table);
}

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
