import { z } from 'zod';
import { syncStatuses } from '../../domain/profile.ts';
import { component, typed } from './schema-components.ts';

/**
 * What the description of the resources is made of. What clients set is described in two directions: as answers show it, every member
 * there, and as requests may send it, most of them left out and others beside. Clients are generated from these, so each object has a
 * name, and each union a discriminator.
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

/** An object with a name. */
export function namedObject<N extends z.ZodRawShape, O extends z.ZodRawShape>(
	{ direction, type }: Named<string>,
	needed: N,
	others: O,
) {
	return component(nameOf(direction, type), members(direction, needed, others));
}

/** A member of a union, known by its type. */
export function variant<T extends string, N extends z.ZodRawShape, O extends z.ZodRawShape>(
	{ direction, type }: Named<T>,
	needed: N,
	others: O,
) {
	const schema = namedObject({ direction, type }, { '@odata.type': typed(type), ...needed }, others);
	return schema as z.ZodObject<{ '@odata.type': z.ZodLiteral<string> }>;
}

type Variant = ReturnType<typeof variant>;

export function namedUnion({ direction, type }: Named<string>, variants: readonly [Variant, ...Variant[]]) {
	return component(nameOf(direction, type), z.discriminatedUnion('@odata.type', variants));
}

/** A member that is only ever sent. */
export const writeOnly = (direction: Direction, name: string): z.ZodRawShape =>
	direction === 'sent' ? { [name]: z.string().meta({ writeOnly: true }) } : {};

/** Made once for each direction, wherever it occurs. */
export function oncePerDirection<S extends z.ZodType>(make: (direction: Direction) => S): (direction: Direction) => S {
	const made: Partial<Record<Direction, S>> = {};
	return (direction) => {
		made[direction] ??= make(direction);
		return made[direction];
	};
}

export const time = z.string().meta({ format: 'date-time', description: '`0001-01-01T00:00:00Z` means never.' });
export const uri = z.string().meta({ format: 'uri' });
export const strings = z.array(z.string());
export const roleName = component('educationUserRole', z.enum(['student', 'teacher', 'faculty']));
export const statusName = component('educationSynchronizationStatus', z.enum([...syncStatuses, 'unknownFutureValue']));
