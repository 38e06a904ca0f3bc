import type { ProfileDefinition } from '../../domain/profile.ts';
import { isObject, member } from '../odata/odata-names.ts';
import type { JsonObject } from '../requests/request-body.ts';
import { isOlderPlace, type PropertyTable, settingsOf } from './property.ts';

/** What older clients put beside a property goes into it; what is there already comes first. */
export function intoTheirPlaces(body: JsonObject, table: PropertyTable): JsonObject {
	return Object.entries(table).reduce(
		(moved, [name, property]) =>
			isOlderPlace(property) ? intoPlace(moved, name, namesOf(table, property.within)) : moved,
		body,
	);
}

const namesOf = (table: PropertyTable, key: string) =>
	settingsOf(table).find((each) => each.key === key)?.names ?? [key];

function intoPlace(body: JsonObject, name: string, owners: readonly string[]): JsonObject {
	const beside = member(body, name);
	const owner = member(body, ...owners) ?? {};
	if (beside === undefined || !isObject(owner) || member(owner, name) !== undefined) return body;
	return { ...without(body, name, ...owners), [owners[0] as string]: { ...owner, [name]: beside } };
}

/**
 * The roots of 2017 show a property under both its names, and a client that sends back what it got changed one of them: the one
 * that is not as it was.
 */
export function withOneName(current: ProfileDefinition, body: JsonObject, table: PropertyTable): JsonObject {
	return settingsOf(table).reduce((single, { key, name, nameOf2017: olderName, input }) => {
		if (!olderName || member(body, name) === undefined || member(body, olderName) === undefined) return single;
		const parsed = input.safeParse(member(body, name));
		const present = current[key as keyof ProfileDefinition];
		const isUnchanged = parsed.success && JSON.stringify(parsed.data) === JSON.stringify(present);
		return without(single, isUnchanged ? name : olderName);
	}, body);
}

function without(body: JsonObject, ...names: readonly string[]): JsonObject {
	const dropped = new Set(names.map((name) => name.toLowerCase()));
	return Object.fromEntries(Object.entries(body).filter(([each]) => !dropped.has(each.toLowerCase())));
}
