import type { Page, PageRequest } from '../../ports.ts';
import type { JsonObject } from '../request-body.ts';
import { refusedOption } from './option-refusal.ts';
import type { OrderTerm } from './order-by.ts';
import type { ODataQuery } from './query-options.ts';
import { compareScalars, type Scalar } from './scalar.ts';
import { SmallestItems } from './smallest-items.ts';

/** A collection in ascending order of its keys. A page's continuation is the key of its last item. */
export interface ListSource<T> {
	page(request: PageRequest): Promise<Page<T>>;
	/** How many there are in all, where that is known without reading them. */
	total?(): Promise<number>;
	keyOf(item: T): string;
	toJson(item: T): JsonObject;
}

export interface ListAnswer {
	items: readonly JsonObject[];
	count?: number;
	/** For the next page; absent on the last one. */
	continuation?: string;
}

const defaultPageSize = 100;
/** Read at once where items are only looked at. */
const scanPageSize = 999;
/** What an ordered page may hold in memory, skipped items included. */
const maxOrdered = 10_000;

/**
 * One page of a collection. Without filter, search, order and skip it reads just that page; otherwise it looks at one item after
 * the other, and keeps no more than it answers with. Tokens name keys, so pages stay right while others insert and delete.
 */
export async function answerList<T>(query: ODataQuery, source: ListSource<T>): Promise<ListAnswer> {
	const page = query.orderBy.length > 0 ? await orderedPage(query, source) : await keyPage(query, source);
	if (!query.wantsCount) return page;
	return { ...page, count: await countMatches(query, source) };
}

/** How many match filter and search. */
export async function countMatches<T>(query: ODataQuery, source: ListSource<T>): Promise<number> {
	if (!query.filter && !query.search && source.total) return source.total();
	let count = 0;
	for await (const _ of matches(query, source, undefined)) count++;
	return count;
}

interface Match {
	key: string;
	json: JsonObject;
}

async function* matches<T>(
	{ filter, search }: ODataQuery,
	source: ListSource<T>,
	after: string | undefined,
): AsyncGenerator<Match> {
	let continuation = after;
	do {
		const page = await source.page({ size: scanPageSize, ...(continuation ? { continuation } : {}) });
		for (const item of page.items) {
			const json = source.toJson(item);
			if ((filter?.(json) ?? true) && (search?.(json) ?? true)) yield { key: source.keyOf(item), json };
		}
		continuation = page.continuation;
	} while (continuation);
}

async function keyPage<T>(query: ODataQuery, source: ListSource<T>): Promise<ListAnswer> {
	const size = query.top ?? defaultPageSize;
	const { continuation } = query;
	if (!query.filter && !query.search && query.skip === 0) {
		const page = await source.page({ size, ...(continuation ? { continuation } : {}) });
		const items = page.items.map(source.toJson);
		return page.continuation ? { items, continuation: page.continuation } : { items };
	}
	const found: Match[] = [];
	// A page that goes on after another has skipped already.
	let toSkip = continuation ? 0 : query.skip;
	for await (const match of matches(query, source, continuation)) {
		if (toSkip > 0) toSkip--;
		else if (found.length < size) found.push(match);
		else return { items: found.map(({ json }) => json), continuation: found.at(-1)?.key as string };
	}
	return { items: found.map(({ json }) => json) };
}

interface Place {
	values: readonly Scalar[];
	key: string;
}

async function orderedPage<T>(query: ODataQuery, source: ListSource<T>): Promise<ListAnswer> {
	const { orderBy, top: size = defaultPageSize } = query;
	const after = query.continuation === undefined ? undefined : readPlace(query.continuation, orderBy.length);
	const skip = after ? 0 : query.skip;
	if (skip + size > maxOrdered) {
		const rule = `with $orderby it may be at most ${maxOrdered - size}; follow the next links instead`;
		throw refusedOption({ option: '$skip', rule });
	}
	const compare = (left: Place, right: Place) => comparePlaces(orderBy, left, right);
	// One more than the page tells whether there is another.
	const best = new SmallestItems<Match & Place>(skip + size + 1, compare);
	for await (const match of matches(query, source, undefined)) {
		const place = { ...match, values: orderBy.map(({ read }) => read(match.json)) };
		if (!after || compare(place, after) > 0) best.add(place);
	}
	const sorted = best.sorted();
	const items = sorted.slice(skip, skip + size);
	const last = items.at(-1);
	const isLast = sorted.length <= skip + size || !last;
	const answer = { items: items.map(({ json }) => json) };
	return isLast ? answer : { ...answer, continuation: JSON.stringify([last.key, ...last.values]) };
}

function comparePlaces(orderBy: readonly OrderTerm[], left: Place, right: Place): number {
	for (const [at, { isDescending }] of orderBy.entries()) {
		const order = compareScalars(left.values[at] ?? null, right.values[at] ?? null);
		if (order !== 0) return isDescending ? -order : order;
	}
	return compareScalars(left.key, right.key);
}

function readPlace(continuation: string, terms: number): Place {
	const [key, ...values] = parsed(continuation);
	if (typeof key === 'string' && values.length === terms) return { key, values: values as Scalar[] };
	throw refusedOption({ option: '$skiptoken', rule: 'it belongs to a request with another $orderby' });
}

function parsed(text: string): unknown[] {
	try {
		const value = JSON.parse(text) as unknown;
		return Array.isArray(value) ? value : [];
	} catch {
		return [];
	}
}
