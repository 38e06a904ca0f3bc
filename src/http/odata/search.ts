import type { JsonObject } from '../request-body.ts';
import { refusedOption } from './option-refusal.ts';
import { foldCase } from './scalar.ts';

const maxLength = 1_000;

/** `AND` binds closer than `OR`; terms side by side are meant to be there both. Throws `SyncApiError` (400). */
export function parseSearch(value: string, searchable: readonly string[]): (item: JsonObject) => boolean {
	if (searchable.length === 0) throw refusedOption({ option: '$search', rule: 'nothing here can be searched' });
	if (value.length > maxLength)
		throw refusedOption({ option: '$search', rule: `it has ${value.length} characters, and may have ${maxLength}` });
	const alternatives = alternativesOf(value);
	return (item) => {
		const texts = searchable.map((name) => item[name]).filter((text) => typeof text === 'string');
		const folded = texts.map(foldCase);
		return alternatives.some((terms) => terms.every((term) => folded.some((text) => text.includes(term))));
	};
}

/** Terms of which all must be there, for each of the alternatives. */
function alternativesOf(value: string): string[][] {
	const alternatives: string[][] = [[]];
	for (const [token, quoted] of value.matchAll(/"([^"]*)"|[^\s"]+|"/g)) {
		if (token === '"') throw refusedOption({ option: '$search', rule: 'a quotation mark is not closed' });
		if (token === 'OR') alternatives.push([]);
		else if (token !== 'AND') alternatives.at(-1)?.push(foldCase(quoted ?? token));
	}
	if (alternatives.every((terms) => terms.length > 0)) return alternatives;
	throw refusedOption({ option: '$search', rule: 'a term is missing' });
}
