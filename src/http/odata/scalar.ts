import type { JsonObject } from '../requests/request-body.ts';
import { isObject } from './odata-names.ts';

export type PropertyType = 'string' | 'guid' | 'boolean' | 'int' | 'date' | 'dateTimeOffset' | 'enum';

/** By path, such as `displayName` or `dataProvider/connectionUrl`. */
export type Properties = Readonly<Record<string, PropertyType>>;

export interface Property {
	path: string;
	type: PropertyType;
}

/**
 * What comparisons work on. Text is in lower case, because Graph compares strings, GUIDs and enum members in any case;
 * dates and times are milliseconds since 1970, a date being its midnight in UTC.
 */
export type Scalar = string | number | boolean | null;

/** Only scalars of one family can be compared. */
export type Family = 'text' | 'number' | 'boolean' | 'time';

export const families: Readonly<Record<PropertyType, Family>> = {
	string: 'text',
	guid: 'text',
	enum: 'text',
	int: 'number',
	boolean: 'boolean',
	date: 'time',
	dateTimeOffset: 'time',
};

/** The property of that name in any case, under its proper name. */
export function findProperty(properties: Properties, name: string): Property | undefined {
	const wanted = name.toLowerCase();
	const entry = Object.entries(properties).find(([path]) => path.toLowerCase() === wanted);
	return entry && { path: entry[0], type: entry[1] };
}

/** Reads a property of an item; what is absent, or of another type than declared, is null. */
export function scalarReader({ path, type }: Property): (item: JsonObject) => Scalar {
	const segments = path.split('/');
	const convert = converters[families[type]];
	return (item) => convert(segments.reduce<unknown>((value, name) => (isObject(value) ? value[name] : null), item));
}

const converters: Readonly<Record<Family, (value: unknown) => Scalar>> = {
	text: (value) => (typeof value === 'string' ? foldCase(value) : null),
	number: (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null),
	boolean: (value) => (typeof value === 'boolean' ? value : null),
	time: (value) => (typeof value === 'string' ? (timeOf(value) ?? null) : null),
};

export function foldCase(text: string): string {
	return text.toLowerCase();
}

const datePattern = /^\d{4}-\d\d-\d\d$/;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+-]\d\d:\d\d)$/i;

/** Milliseconds since 1970 of an `Edm.Date` or `Edm.DateTimeOffset`; finer fractions are cut. Undefined if it is neither. */
export function timeOf(text: string): number | undefined {
	const date = text.slice(0, 'YYYY-MM-DD'.length);
	const midnight = Date.parse(`${date}T00:00:00Z`);
	// JavaScript takes 30 February for 1 March.
	if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, date.length) !== date) return undefined;
	if (datePattern.test(text)) return midnight;
	const time = timePattern.test(text) ? Date.parse(text.toUpperCase()) : Number.NaN;
	return Number.isNaN(time) ? undefined : time;
}

/** Null comes first, as OData has it. Both scalars are of one family. */
export function compareScalars(left: Scalar, right: Scalar): number {
	if (left === right) return 0;
	if (left === null) return -1;
	if (right === null) return 1;
	return left < right ? -1 : 1;
}
