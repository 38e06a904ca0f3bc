import type { Directory } from '../model/directory.ts';
import { type DirectoryObject, type ObjectKind, valueAt } from '../model/directory-object.ts';
import type { Comparison, Filter, Literal } from './filter.ts';

export function matches(filter: Filter, object: DirectoryObject): boolean {
	switch (filter.type) {
		case 'and':
			return matches(filter.left, object) && matches(filter.right, object);
		case 'or':
			return matches(filter.left, object) || matches(filter.right, object);
		case 'not':
			return !matches(filter.operand, object);
		case 'compare':
			return comparisons[filter.operator](folded(valueAt(object, filter.path)), folded(filter.value));
		case 'text': {
			const text = folded(valueAt(object, filter.path));
			const part = filter.value.toLowerCase();
			if (typeof text !== 'string') return false;
			return filter.operator === 'startswith' ? text.startsWith(part) : text.endsWith(part);
		}
		case 'in':
			return filter.values.some((value) => folded(value) === folded(valueAt(object, filter.path)));
		case 'any': {
			const items = valueAt(object, filter.path);
			const { member, value } = filter;
			if (!Array.isArray(items)) return false;
			return items.some((item) => folded(member === undefined ? item : item?.[member]) === folded(value));
		}
	}
}

/** The directory compares texts in any case; a property that is not there is null. */
function folded(value: unknown): Literal {
	if (typeof value === 'string') return value.toLowerCase();
	return (value ?? null) as Literal;
}

type Compare = (left: Literal, right: Literal) => boolean;
const ordered =
	(isMet: (left: string, right: string) => boolean): Compare =>
	(left, right) =>
		typeof left === 'string' && typeof right === 'string' && isMet(left, right);

const comparisons: Record<Comparison, Compare> = {
	eq: (left, right) => left === right,
	ne: (left, right) => left !== right,
	gt: ordered((left, right) => left > right),
	ge: ordered((left, right) => left >= right),
	lt: ordered((left, right) => left < right),
	le: ordered((left, right) => left <= right),
};

/**
 * Every object that can match, found without a look at all of them; undefined if the filter does not tell. Each of 20,000
 * users is asked for by its name in a run, and looking at all of them each time would be minutes.
 */
export function candidates(filter: Filter, directory: Directory, kind: ObjectKind): DirectoryObject[] | undefined {
	switch (filter.type) {
		case 'and':
			return candidates(filter.left, directory, kind) ?? candidates(filter.right, directory, kind);
		case 'or':
			return union([candidates(filter.left, directory, kind), candidates(filter.right, directory, kind)]);
		case 'compare':
			return filter.operator === 'eq' ? having(directory, kind, filter) : undefined;
		case 'in':
			return union(filter.values.map((value) => having(directory, kind, { path: filter.path, value })));
		default:
			return undefined;
	}
}

function having(directory: Directory, kind: ObjectKind, { path, value }: { path: string; value: Literal }) {
	if (typeof value !== 'string') return undefined;
	if (path !== 'id') return directory.having(kind, path, value);
	const object = directory.find(value);
	return object?.kind === kind ? [object] : [];
}

function union(sets: readonly (DirectoryObject[] | undefined)[]): DirectoryObject[] | undefined {
	const found = new Set<DirectoryObject>();
	for (const set of sets) {
		if (!set) return undefined;
		for (const object of set) found.add(object);
	}
	return [...found];
}
