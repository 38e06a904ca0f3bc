import { isGuid } from '../guid.ts';
import { isObject } from '../odata-names.ts';
import type { OrderPlace, OrderTerm } from './order-by.ts';
import { families, type Scalar } from './scalar.ts';
import { refusedSkipToken } from './skip-token.ts';

/** An ordered list goes on after the values and key of the last item given, so that inserts in between shift nothing. */
export function writePlace({ values, key }: OrderPlace): string {
	return JSON.stringify({ values, key });
}

/** Of a list whose values may name people, the key alone. */
export const writeKey = ({ key }: OrderPlace): string => JSON.stringify({ key });

/** Throws `SyncApiError` (400) for what is no key; a key is a GUID, and goes to the store. */
export function readKey(continuation: string): string {
	const place = parsed(continuation);
	if (isObject(place) && typeof place.key === 'string' && isGuid(place.key)) return place.key;
	throw refusedSkipToken();
}

/** Throws `SyncApiError` (400) for a place in a list of another order. */
export function readPlace(continuation: string, terms: readonly OrderTerm[]): OrderPlace {
	const place = parsed(continuation);
	if (!isObject(place)) throw refusedSkipToken();
	const { values, key } = place;
	if (typeof key !== 'string' || !Array.isArray(values) || values.length !== terms.length) throw refusedSkipToken();
	return { key, values: terms.map((term, index) => scalarOf(term, values[index])) };
}

const typeNames = { text: 'string', time: 'number', number: 'number', boolean: 'boolean' } as const;

function scalarOf({ type }: OrderTerm, value: unknown): Scalar {
	if (value === null || typeof value === typeNames[families[type]]) return value as Scalar;
	throw refusedSkipToken();
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
