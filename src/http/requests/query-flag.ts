import { echo, refusedOption } from '../odata/option-refusal.ts';

/** A boolean query parameter of our own, false where it is not there. Throws `SyncApiError` (400) for whatever is no boolean of OData. */
export function queryFlag(params: URLSearchParams, name: string): boolean {
	const values = [...params].flatMap(([each, value]) => (each.toLowerCase() === name.toLowerCase() ? [value] : []));
	if (values.length === 0) return false;
	const [value = ''] = values;
	const word = value.toLowerCase();
	if (values.length > 1) throw refusedOption({ option: name, rule: 'it is there more than once' });
	if (word === 'true' || word === 'false') return word === 'true';
	throw refusedOption({ option: name, rule: `it is ${echo(value)}, and must be true or false` });
}
