import { z } from 'zod';
import { isObject, namedBy, typeNameOf } from '../odata/odata-names.ts';
import { requirePrintable } from './printable-text.ts';

/** What the schemas of request bodies are made of. */

const maxNameLength = 256;
const maxListLength = 200;

export const name = z
	.string()
	.trim()
	.min(1)
	.max(maxNameLength, `must have 1 to ${maxNameLength} characters`)
	.superRefine(requirePrintable);

/** A member that may be left out: what a form sends for an empty field is the same as nothing. */
export const optional = <T extends z.ZodType>(schema: T) => z.preprocess(withoutBlank, schema.optional());

const withoutBlank = (value: unknown) => (typeof value === 'string' && value.trim() === '' ? undefined : value);

/** A text that some clients send as a number, as they hold it: a school's id, a year. */
export const nameOrNumber = z.preprocess((value) => (Number.isSafeInteger(value) ? String(value) : value), name);

export const flag = z.boolean().default(false);
export const list = <T extends z.ZodType>(item: T) => z.array(item).max(maxListLength);

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

export const optionalDate = z.preprocess(
	dateOf,
	optional(z.iso.date({ error: 'must be a date such as "2027-06-30"' })),
);

/** Takes each property in any case. */
export function shape<S extends z.ZodRawShape>(properties: S) {
	const names = Object.fromEntries(Object.keys(properties).map((each) => [each, []]));
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

/** An absent member and one that is `undefined` are the same to a client; the stored profile has the first. */
export function withoutAbsent<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
	return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
