import type { z } from 'zod';
import { apiErrors, type ErrorDetail } from '../domain/errors.ts';
import type { EntityCustomization, ProfileDefinition } from '../domain/profile.ts';
import { type RosterKind, rosterKinds } from '../domain/roster/kinds.ts';
import { hasMember, member } from './odata-names.ts';
import { definitionResource } from './profile-resource.ts';
import { profileSchema, profileSpellings } from './profile-schema.ts';
import type { JsonObject } from './request-body.ts';

/** A whole profile, as POST and PUT send it. Throws `SyncApiError` (400) with one detail for each fault. */
export function readProfile(body: JsonObject): ProfileDefinition {
	const parsed = profileSchema.safeParse(body);
	if (!parsed.success) throw invalidProfile(parsed.error, body);
	return definitionOf(parsed.data);
}

/** What PATCH sends: the members that are there replace the present ones, null clears. Throws as `readProfile` does. */
export function applyProfilePatch(current: ProfileDefinition, body: JsonObject): ProfileDefinition {
	const present = definitionResource(current);
	const merged: Record<string, unknown> = {};
	for (const [name, spellings] of Object.entries(profileSpellings)) {
		const source = hasMember(body, name, ...spellings) ? body : present;
		merged[name] = member(source, name, ...spellings);
	}
	return readProfile({ ...merged, customizations: member(body, 'customizations') });
}

type ParsedProfile = z.infer<typeof profileSchema>;

/** Leaves out what was not said, so that "absent" has one form. */
function definitionOf(parsed: ParsedProfile): ProfileDefinition {
	const { expirationDate, dataProvider, identity, ...rest } = parsed;
	return {
		...rest,
		dataProvider: { kind: 'csv', customizations: customizationsOf(dataProvider.customizations ?? {}) },
		identity:
			identity.kind === 'creation'
				? identity
				: { kind: 'matching', matchingOptions: identity.matchingOptions.map((option) => withoutAbsent(option)) },
		...(expirationDate ? { expirationDate } : {}),
	};
}

function customizationsOf(
	parsed: Partial<Record<RosterKind, unknown>>,
): Partial<Record<RosterKind, EntityCustomization>> {
	const customizations: Partial<Record<RosterKind, EntityCustomization>> = {};
	for (const kind of rosterKinds) {
		if (parsed[kind]) customizations[kind] = withoutAbsent(parsed[kind] as EntityCustomization);
	}
	return customizations;
}

/** An absent member and one that is `undefined` are the same to a client; the stored profile has the first. */
function withoutAbsent<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

/** As clients know the property. */
const clientNames: Readonly<Record<string, string>> = { identity: 'identitySynchronizationConfiguration' };

const maxDetails = 20;

function invalidProfile(error: z.ZodError, body: JsonObject) {
	const details = error.issues.slice(0, maxDetails).map((issue): ErrorDetail => {
		const target = issue.path.map((part, at) => (at === 0 ? (clientNames[String(part)] ?? part) : part)).join('/');
		return { code: 'InvalidValue', target, message: explain(target, issue, valueAt(body, issue.path)) };
	});
	const [first] = details;
	const more = details.length > 1 ? ` (and ${details.length - 1} more, see details)` : '';
	return apiErrors.badRequest(`The profile is not valid: ${first?.message}${more}`, details);
}

function explain(target: string, issue: z.core.$ZodIssue, value: unknown): string {
	if (value === undefined) return `"${target}" is missing or incomplete: ${issue.message}.`;
	const isShown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
	return isShown
		? `"${target}" is ${JSON.stringify(value).slice(0, 80)}: ${issue.message}.`
		: `"${target}": ${issue.message}.`;
}

/** The value that the client sent there, if its own spelling of the path leads to one. */
function valueAt(body: JsonObject, path: readonly PropertyKey[]): unknown {
	let value: unknown = body;
	for (const part of path) {
		if (typeof value !== 'object' || value === null) return undefined;
		const spellings = profileSpellings[part as keyof typeof profileSpellings] ?? [];
		value = member(value as JsonObject, String(part), ...spellings);
	}
	return value;
}
