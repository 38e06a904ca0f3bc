import type { JsonObject } from '../requests/request-body.ts';

/**
 * The type of a polymorphic object, without namespace and the prefix "education", in lower case: clients spell the same type
 * `#microsoft.graph.educationCsvDataProvider`, `microsoft.graph.educationcsvdataprovider` or
 * `#Microsoft.Education.DataSync.CSVDataProvider`.
 */
export function typeNameOf(value: unknown): string | undefined {
	const type = isObject(value) ? value['@odata.type'] : undefined;
	if (typeof type !== 'string') return undefined;
	return type
		.replace(/^#/, '')
		.split('.')
		.at(-1)
		?.toLowerCase()
		.replace(/^education/, '');
}

/** The value of the first of these names that the object has, in any case; null counts as absent. */
export function member(value: JsonObject, ...names: readonly string[]): unknown {
	for (const name of names) {
		const found = Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase());
		if (found !== undefined && value[found] !== null) return value[found];
	}
	return undefined;
}

/** The members under their proper names, each from the first of its spellings that the object has. Others are dropped. */
export function namedBy(names: Readonly<Record<string, readonly string[]>>, value: JsonObject): JsonObject {
	return Object.fromEntries(
		Object.entries(names).map(([name, spellings]) => [name, member(value, name, ...spellings)]),
	);
}

/** Whether the object has the member at all, be it null. */
export function hasMember(value: JsonObject, ...names: readonly string[]): boolean {
	const wanted = new Set(names.map((name) => name.toLowerCase()));
	return Object.keys(value).some((key) => wanted.has(key.toLowerCase()));
}

export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
