import type { TextCondition } from '../../../directory-ports.ts';
import { quoted } from '../../table-pages.ts';
import { nameKey } from './directory-keys.ts';

/**
 * Tables compare text to the letter, and people do not: beside each property that can be looked for stands the column
 * `s_<name>`, which holds it as a key in lower case.
 */
const searchable: ReadonlySet<string> = new Set(['externalId', 'displayName', 'userPrincipalName']);
const prefix = 's_';

/** Long enough to tell names apart; what is longer is told apart by `meets`. */
const maxKeyLength = 200;

/** A table's filter has at most 15 comparisons; two of our conditions take six of them. */
const maxPushed = 2;

const keyOf = (text: string) => nameKey(text).slice(0, maxKeyLength);

export function searchColumns(name: string, value: unknown): Record<string, string> {
	return searchable.has(name) && typeof value === 'string' ? { [prefix + name]: keyOf(value) } : {};
}

/** A table filter for what may meet the conditions, one clause each: `meets` has the last word. */
export function clausesOf(conditions: readonly TextCondition[]): string[] {
	return conditions
		.filter(({ property }) => searchable.has(property))
		.slice(0, maxPushed)
		.map(({ property, operator, value }) => {
			const column = prefix + property;
			const key = keyOf(value);
			const range = `(${column} ge ${quoted(key)} and ${column} lt ${quoted(`${key}~`)})`;
			const found = operator === 'eq' ? `${column} eq ${quoted(key)}` : range;
			// Rows that were written before there was such a column.
			return `(${found} or not (${column} ge ''))`;
		});
}

/** Whether an object in Graph's shape meets all conditions; text is compared in any case, as in other lists. */
export function meets(object: Readonly<Record<string, unknown>>, conditions: readonly TextCondition[]): boolean {
	return conditions.every(({ property, operator, value }) => {
		const text = object[property];
		if (typeof text !== 'string') return false;
		const [one, two] = [text.toLowerCase(), value.toLowerCase()];
		return operator === 'eq' ? one === two : one.startsWith(two);
	});
}
