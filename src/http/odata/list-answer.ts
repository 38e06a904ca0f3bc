import type { Page, PageRequest } from '../../ports.ts';
import type { JsonObject } from '../request-body.ts';
import { bestPlaces } from './best-places.ts';
import { readKey, readPlace, writeKey, writePlace } from './list-place.ts';
import { type OrderPlace, type OrderTerm, orderReader, placeComparer } from './order-by.ts';
import { project } from './projection.ts';
import { maxPageSize, type ODataQuery } from './query-options.ts';
import { refusedSkipToken } from './skip-token.ts';

/** Where a list comes from. */
export interface ListSource<T> {
	/**
	 * In an order of its own that does not change. The continuation is the key of the last item given, and a page goes on
	 * after that key whether or not its item is still there.
	 */
	page(request: PageRequest): Promise<Page<T>>;
	/** Of the whole list, if that is cheaper than to read it. */
	total?(): Promise<number>;
	keyOf(item: T): string;
	/**
	 * The item of a key. Given for items that never change and may name people: the skip token of an ordered list, which stands in
	 * URLs and so in logs, then holds the key alone and none of the values.
	 */
	find?(key: string): Promise<T | undefined>;
	toJson(item: T): JsonObject;
	/** The members of `$expand` for an item that is answered. */
	expanded?(item: T, names: ReadonlySet<string>): Promise<JsonObject>;
	/** Counts even if `$count` was not asked for. */
	alwaysCount?: boolean;
}

export interface ListAnswer {
	items: JsonObject[];
	/** Of all that match the filter and the search, on whatever page. */
	count?: number;
	/** For `nextLink`; absent on the last page. */
	continuation?: string;
}

interface Found<T> {
	items: readonly T[];
	continuation?: string | undefined;
	/** Set if the search passed all matches anyway. */
	count?: number | undefined;
}

const defaultPageSize = 100;

/**
 * One page of a list. Without filter, search, order and skip that is one page of the source; otherwise the source is read
 * page by page, and no more is kept than the answer and, with an order, twice what it skips and answers.
 */
export async function answerList<T>(query: ODataQuery, source: ListSource<T>): Promise<ListAnswer> {
	const { items, continuation, count: passed } = await find(query, source);
	const wantsCount = query.wantsCount || source.alwaysCount === true;
	const count = wantsCount ? (passed ?? (await countMatches(query, source))) : undefined;
	return {
		items: await Promise.all(items.map((item) => shown(item, query, source))),
		...(count === undefined ? {} : { count }),
		...(continuation === undefined ? {} : { continuation }),
	};
}

/** How many items match the filter and the search; top, skip and order do not matter. */
export async function countMatches<T>(query: ODataQuery, source: ListSource<T>): Promise<number> {
	if (source.total && !query.filter && !query.search) return source.total();
	let count = 0;
	for await (const _ of matches(query, source)) count += 1;
	return count;
}

function find<T>(query: ODataQuery, source: ListSource<T>): Promise<Found<T>> {
	if (query.orderBy.length > 0) return findOrdered(query, source);
	const { filter, search, top: size = defaultPageSize, continuation } = query;
	if (filter || search || skipOf(query) > 0) return findInScan(query, source);
	return source.page(continuation === undefined ? { size } : { size, continuation });
}

/** One match more is looked for, so that there is a link only if there is something behind it. */
async function findInScan<T>(query: ODataQuery, source: ListSource<T>): Promise<Found<T>> {
	const { top: size = defaultPageSize, continuation } = query;
	const items: T[] = [];
	let toSkip = skipOf(query);
	for await (const { item } of matches(query, source, continuation)) {
		if (toSkip > 0) toSkip -= 1;
		else if (items.length < size) items.push(item);
		else return { items, continuation: lastKey(items, source) };
	}
	return { items };
}

async function findOrdered<T>(query: ODataQuery, source: ListSource<T>): Promise<Found<T>> {
	const { orderBy, top: size = defaultPageSize, continuation } = query;
	const skip = skipOf(query);
	const compare = placeComparer(orderBy);
	const valuesOf = orderReader(orderBy);
	const after = continuation === undefined ? undefined : await placeAfter(continuation, orderBy, source);
	const best = bestPlaces<OrderPlace & { item: T }>(skip + size + 1, compare);
	let count = 0;
	for await (const { item, json } of matches(query, source)) {
		count += 1;
		const place = { item, values: valuesOf(json), key: source.keyOf(item) };
		if (!after || compare(place, after) > 0) best.offer(place);
	}
	const places = best.result().slice(skip);
	const answered = places.slice(0, size);
	const last = places.length > size ? answered.at(-1) : undefined;
	return {
		items: answered.map(({ item }) => item),
		continuation: last && (source.find ? writeKey(last) : writePlace(last)),
		count,
	};
}

/** Throws `SyncApiError` (400) for a token that does not fit, or whose item is gone and with it its place. */
async function placeAfter<T>(
	continuation: string,
	orderBy: readonly OrderTerm[],
	source: ListSource<T>,
): Promise<OrderPlace> {
	if (!source.find) return readPlace(continuation, orderBy);
	const key = readKey(continuation);
	const item = await source.find(key);
	if (item === undefined) throw refusedSkipToken();
	return { key, values: orderReader(orderBy)(source.toJson(item)) };
}

async function* matches<T>({ filter, search }: ODataQuery, source: ListSource<T>, from?: string) {
	let continuation = from;
	do {
		const size = maxPageSize;
		const page: Page<T> = await source.page(continuation === undefined ? { size } : { size, continuation });
		for (const item of page.items) {
			const json = source.toJson(item);
			if ((!filter || filter(json)) && (!search || search(json))) yield { item, json };
		}
		continuation = page.continuation;
	} while (continuation !== undefined);
}

/** A page that continues another has been skipped to already. */
function skipOf({ skip, continuation }: ODataQuery): number {
	return continuation === undefined ? skip : 0;
}

function lastKey<T>(items: readonly T[], source: ListSource<T>): string | undefined {
	const last = items.at(-1);
	return last === undefined ? undefined : source.keyOf(last);
}

async function shown<T>(item: T, query: ODataQuery, source: ListSource<T>): Promise<JsonObject> {
	const json = source.toJson(item);
	const expanded = query.expand.size > 0 ? await source.expanded?.(item, query.expand) : undefined;
	return project({ ...json, ...expanded }, query);
}
