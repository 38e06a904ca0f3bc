import type { JsonObject } from '../requests/request-body.ts';
import { echo, refusedOption } from './option-refusal.ts';
import { compareScalars, findProperty, type Properties, type Property, type Scalar, scalarReader } from './scalar.ts';

export interface OrderTerm extends Property {
	descending: boolean;
}

/** Every term is a comparison more for each item, and each stands in the skip token. */
const maxTerms = 10;

/** The terms of an `$orderby`, most important first. Throws `SyncApiError` (400) with the position. */
export function parseOrderBy(source: string, properties: Properties): OrderTerm[] {
	const parts = source.split(',');
	if (parts.length > maxTerms) throw refused(`it has ${parts.length} terms, and may have ${maxTerms}`);
	let position = 0;
	return parts.map((part) => {
		const term = parseTerm(part, position, properties);
		position += part.length + 1;
		return term;
	});
}

function parseTerm(part: string, start: number, properties: Properties): OrderTerm {
	const position = start + part.length - part.trimStart().length;
	const [name = '', direction = 'asc', ...rest] = part.trim().split(/\s+/);
	const property = findProperty(properties, name);
	if (!property) {
		const rule = `${echo(name)} is not a property that can be ordered by, which are ${Object.keys(properties).join(', ')}`;
		throw refused(rule, position);
	}
	const word = direction.toLowerCase();
	if (rest.length > 0 || (word !== 'asc' && word !== 'desc')) {
		throw refused(`${echo(name)} may be followed by asc, desc or a comma only`, position + name.length);
	}
	return { ...property, descending: word === 'desc' };
}

export function orderReader(terms: readonly OrderTerm[]): (item: JsonObject) => Scalar[] {
	const readers = terms.map(scalarReader);
	return (item) => readers.map((read) => read(item));
}

/** Where an item stands in an ordered list: its values for the terms and, where these are equal, its key. */
export interface OrderPlace {
	values: readonly Scalar[];
	key: string;
}

export function placeComparer(terms: readonly OrderTerm[]): (left: OrderPlace, right: OrderPlace) => number {
	return (left, right) => {
		for (const [index, { descending }] of terms.entries()) {
			const order = compareScalars(left.values[index] ?? null, right.values[index] ?? null);
			if (order !== 0) return descending ? -order : order;
		}
		return compareScalars(left.key, right.key);
	};
}

function refused(rule: string, position?: number) {
	return refusedOption({ option: '$orderby', rule, position });
}
