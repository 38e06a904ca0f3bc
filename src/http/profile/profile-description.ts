import { z } from 'zod';
import type { Direction } from '../openapi/described-shapes.ts';
import { isOlderPlace, isSetting, type ProfileProperty, type PropertyTable, wireNameOf } from './property.ts';
import { describedCustomizations } from './values/customizations.ts';
import { licenseAssignments } from './values/license-assignments.ts';

/** What answers have, for the OpenAPI description: every property, read-only where only the service sets it. */
export function shownMembers<T extends PropertyTable>(table: T): DescribedMembers<T> {
	return membersOf('shown', Object.entries(table)) as DescribedMembers<T>;
}

/** What requests may have: the properties that clients set. */
export function sentMembers(table: PropertyTable): z.ZodRawShape {
	const sent = Object.entries(table).filter(([, property]) => isSetting(property) || isOlderPlace(property));
	return membersOf('sent', sent);
}

function membersOf(direction: Direction, entries: readonly [string, ProfileProperty][]): z.ZodRawShape {
	// The description lists schemas in the order in which they are made, and has these two before those of the provider.
	describedCustomizations(direction);
	licenseAssignments.described(direction);
	return Object.fromEntries(
		entries.map(([key, property]) => [wireNameOf(key, property), described(property, direction)]),
	);
}

function described(property: ProfileProperty, direction: Direction): z.ZodType {
	if (isOlderPlace(property)) return property.described(direction);
	const schema = isSetting(property) ? property.described(direction) : property.described().meta({ readOnly: true });
	return property.whenAbsent === 'hidden' ? z.optional(schema) : schema;
}

/** So that what the service shows can be compared with the types of others. */
type DescribedMembers<T extends PropertyTable> = {
	-readonly [Key in keyof T as WireName<T, Key>]: T[Key] extends { whenAbsent: 'hidden' }
		? z.ZodOptional<ReturnType<T[Key]['described']>>
		: ReturnType<T[Key]['described']>;
};

type WireName<T extends PropertyTable, Key extends keyof T> = T[Key] extends { wireName: infer Name extends string }
	? Name
	: Key;
