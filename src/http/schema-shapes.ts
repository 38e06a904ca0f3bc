import { z } from 'zod';
import { isObject, namedBy, typeNameOf } from './odata-names.ts';

/** What the schemas of request bodies are made of. */

const maxNameLength = 256;
const maxListLength = 200;

export const name = z.string().trim().min(1).max(maxNameLength, `must have 1 to ${maxNameLength} characters`);
export const flag = z.boolean().default(false);
export const list = <T extends z.ZodType>(item: T) => z.array(item).max(maxListLength);

/** Takes each property by any of its spellings. */
export function shape<S extends z.ZodRawShape>(
	properties: S,
	spellings: Readonly<Record<string, readonly string[]>> = {},
) {
	const names = Object.fromEntries(Object.keys(properties).map((each) => [each, spellings[each] ?? []]));
	return z.preprocess((value) => (isObject(value) ? namedBy(names, value) : value), z.object(properties));
}

/** The discriminator, from the type name. */
export function withKind(kinds: ReadonlyMap<string, string>, members: Readonly<Record<string, readonly string[]>>) {
	const names = { '@odata.type': [], ...members };
	return (value: unknown) =>
		isObject(value) ? { ...namedBy(names, value), kind: kinds.get(typeNameOf(value) ?? '') } : value;
}

export function shapeOf<K extends string, S extends z.ZodRawShape>(kind: K, properties: S) {
	return z.object({ kind: z.literal(kind), ...properties });
}
