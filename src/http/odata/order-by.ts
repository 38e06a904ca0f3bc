import type { JsonObject } from '../request-body.ts';
import { echo, refusedOption } from './option-refusal.ts';
import { findProperty, type Properties, type Scalar, scalarReader } from './scalar.ts';

/** One term of `$orderby`. */
export interface OrderTerm {
	read: (item: JsonObject) => Scalar;
	isDescending: boolean;
}

const maxTerms = 10;

/** `displayName desc,id`. Throws `SyncApiError` (400). */
export function parseOrderBy(value: string, properties: Properties): OrderTerm[] {
	const terms = value.split(',');
	if (terms.length > maxTerms)
		throw refusedOption({ option: '$orderby', rule: `it has ${terms.length} terms, and may have ${maxTerms}` });
	return terms.map((term) => {
		const [name = '', direction = 'asc', ...rest] = term.trim().split(/\s+/);
		const property = findProperty(properties, name);
		if (!property) {
			const known = Object.keys(properties).join(', ');
			throw refusedOption({ option: '$orderby', rule: `there is no ${echo(name)} to order by; there are ${known}` });
		}
		const word = direction.toLowerCase();
		if (rest.length > 0 || (word !== 'asc' && word !== 'desc'))
			throw refusedOption({ option: '$orderby', rule: `after ${echo(name)} there may be asc or desc` });
		return { read: scalarReader(property), isDescending: word === 'desc' };
	});
}
