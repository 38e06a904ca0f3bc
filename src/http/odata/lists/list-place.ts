import { createHash } from 'node:crypto';
import type { JsonObject } from '../../requests/request-body.ts';
import { isObject } from '../odata-names.ts';
import { type OrderPlace, type OrderTerm, orderReader } from '../order-by.ts';
import { families, type Scalar } from '../scalar.ts';
import { refusedSkipToken } from './skip-token.ts';

/**
 * What a skip token says of the last item given, so that inserts in between shift nothing. It stands in URLs and so in logs:
 * keys, numbers, times and members of enums may be there, and of free text, which may name people, only whether it is the same.
 */

/** What a list must know of its items to read such a token. */
export interface PlaceReader<T> {
	/** Whether this can be the key of an item; if it is not given, any text can. */
	isKey?(text: string): boolean;
	/** The item of a key. Without it the texts of a place stand in its token as they are. */
	find?(key: string): Promise<T | undefined>;
	toJson(item: T): JsonObject;
}

/** In an ordered list: its values for the terms, and its key. */
export function writePlace({ values, key }: OrderPlace, terms: readonly OrderTerm[], hidesTexts: boolean): string {
	const shown = values.map((value, at) => (hidesTexts && isText(terms[at]) ? digestOf(value) : value));
	return JSON.stringify({ values: shown, key });
}

/** Throws `SyncApiError` (400) for a place in a list of another order, or one that is not there any more. */
export async function readPlace<T>(
	continuation: string,
	terms: readonly OrderTerm[],
	source: PlaceReader<T>,
): Promise<OrderPlace> {
	const { key, values } = parsed(continuation);
	if (!isKeyOf(key, source) || !Array.isArray(values) || values.length !== terms.length) throw refusedSkipToken();
	const place = { key, values: terms.map((term, index) => scalarOf(term, values[index])) };
	if (!source.find || !terms.some(isText)) return place;
	const item = await source.find(key);
	const present = item === undefined ? [] : orderReader(terms)(source.toJson(item));
	const isSame = terms.every((term, at) => !isText(term) || digestOf(present[at] ?? null) === place.values[at]);
	if (item === undefined || !isSame) throw refusedSkipToken();
	return { key, values: place.values.map((value, at) => (isText(terms[at]) ? (present[at] ?? null) : value)) };
}

/** In a list that is read through: its key, and how many matches there were up to it. */
export interface ScanPlace {
	key: string;
	passed: number;
}

export const writeScanPlace = ({ key, passed }: ScanPlace): string => JSON.stringify({ key, passed });

export function readScanPlace<T>(continuation: string, source: PlaceReader<T>): ScanPlace {
	const { key, passed } = parsed(continuation);
	if (isKeyOf(key, source) && Number.isSafeInteger(passed) && (passed as number) >= 0)
		return { key, passed: passed as number };
	throw refusedSkipToken();
}

/** A list as the store has it: the key alone. */
export function readKey<T>(continuation: string, source: PlaceReader<T>): string {
	if (isKeyOf(continuation, source)) return continuation;
	throw refusedSkipToken();
}

function isKeyOf<T>(key: unknown, { isKey = () => true }: PlaceReader<T>): key is string {
	return typeof key === 'string' && isKey(key);
}

const isText = (term: OrderTerm | undefined) => term?.type === 'string';

/** Long enough to notice nearly every change, and too short to tell whose name it was. */
const digestLength = 3;

function digestOf(value: Scalar): Scalar {
	if (value === null) return null;
	return createHash('sha256').update(String(value)).digest('base64url').slice(0, digestLength);
}

const typeNames = { text: 'string', time: 'number', number: 'number', boolean: 'boolean' } as const;

function scalarOf({ type }: OrderTerm, value: unknown): Scalar {
	if (value === null || typeof value === typeNames[families[type]]) return value as Scalar;
	throw refusedSkipToken();
}

function parsed(text: string): JsonObject {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : {};
	} catch {
		return {};
	}
}
