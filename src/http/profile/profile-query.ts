import type { Properties, PropertyType } from '../odata/scalar.ts';
import { isOlderPlace, type ProfileProperty, type PropertyTable, wireNameOf } from './property.ts';

/** What the query options of profiles may name. */
export interface ProfileQuery {
	properties: Properties;
	searchable: readonly string[];
	/** Beside those of `properties`. */
	selectable: readonly string[];
}

export function profileQuery(table: PropertyTable): ProfileQuery {
	const named = Object.entries(table).map(([key, property]) => [wireNameOf(key, property), property] as const);
	const isSearched = (property: ProfileProperty) => !isOlderPlace(property) && property.isSearchable;
	return {
		properties: Object.fromEntries(named.flatMap(([name, property]) => pathsOf(name, property)).toSorted(byKind)),
		searchable: named.filter(([, property]) => isSearched(property)).map(([name]) => name),
		selectable: named.map(([name]) => name),
	};
}

type Path = readonly [path: string, type: PropertyType];

function pathsOf(name: string, property: ProfileProperty): Path[] {
	if (isOlderPlace(property) || property.query === undefined) return [];
	if (typeof property.query === 'string') return [[name, property.query]];
	return Object.entries(property.query).map(([member, type]) => [`${name}/${member}`, type]);
}

const kinds: readonly PropertyType[] = ['guid', 'string', 'enum', 'int', 'dateTimeOffset', 'date', 'boolean'];

/** As refusals name them: those of a kind together, members of other properties last. */
function byKind([left, leftType]: Path, [right, rightType]: Path): number {
	const depth = Number(left.includes('/')) - Number(right.includes('/'));
	return depth || kinds.indexOf(leftType) - kinds.indexOf(rightType);
}
