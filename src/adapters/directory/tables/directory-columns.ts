import type { GraphAttributes, GraphValue } from '../../../domain/directory.ts';
import { asciiJson } from '../../stores/json-entity.ts';
import { searchColumns } from './directory-search.ts';

/**
 * A Graph property is the column `g_<name>`, one of a nested object `g_<name>__<inner>`, each holding JSON text: so two profiles
 * that write one object keep each other's properties, and a cleared one is stored (tables skip a bare null when merging).
 */
const prefix = 'g_';
const nesting = '__';

type Columns = Record<string, string>;

export function toColumns(properties: GraphAttributes): Columns {
	const columns: Columns = {};
	for (const [name, value] of Object.entries(properties)) {
		if (isNested(value)) {
			for (const [inner, innerValue] of Object.entries(value))
				columns[`${prefix}${name}${nesting}${inner}`] = asciiJson(innerValue);
		} else Object.assign(columns, { [columnOf(name)]: asciiJson(value) }, searchColumns(name, value));
	}
	return columns;
}

/** Of a property that is no object. */
export const columnOf = (property: string) => prefix + property;

/** Cleared properties are left out. */
export function fromColumns(entity: object): Record<string, GraphValue> {
	const properties: Record<string, GraphValue> = {};
	for (const [column, text] of Object.entries(entity)) {
		if (!column.startsWith(prefix)) continue;
		const value = JSON.parse(text) as GraphValue;
		if (value === null) continue;
		const [name, inner] = column.slice(prefix.length).split(nesting) as [string, string | undefined];
		properties[name] = inner === undefined ? value : { ...(properties[name] as object | undefined), [inner]: value };
	}
	return properties;
}

function isNested(value: GraphValue): value is { readonly [name: string]: GraphValue } {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
