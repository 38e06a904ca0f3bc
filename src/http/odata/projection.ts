import type { JsonObject } from '../request-body.ts';

/** The selected members, and the annotations of OData; everything without a selection. */
export function project(item: JsonObject, select: ReadonlySet<string> | undefined): JsonObject {
	if (!select) return item;
	return Object.fromEntries(Object.entries(item).filter(([name]) => select.has(name) || name.startsWith('@odata.')));
}
