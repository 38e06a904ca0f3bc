import type { Page, PageRequest } from '../../../ports.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import { type OrderPlace, orderReader, placeComparer } from '../order-by.ts';
import { project } from '../projection.ts';
import { maxPageSize, type ODataQuery } from '../query-options.ts';
import { bestPlaces } from './best-places.ts';
import {
	type PlaceReader,
	readKey,
	readPlace,
	readScanPlace,
	type ScanPlace,
	writePlace,
	writeScanPlace,
} from './list-place.ts';

/**
 * Where a list comes from. Its items are found by their keys if free text may be ordered by: the skip token then holds none of it,
 * and the list cannot be gone on with once the last item has gone or its text changed.
 */
export interface ListSource<T> extends PlaceReader<T> {
	/**
	 * In an order of its own that does not change. The continuation is the key of the last item given, and a page goes on
	 * after that key whether or not its item is still there.
	 */
	page(request: PageRequest): Promise<Page<T>>;
	/** Of the whole list, if that is cheaper than to read it. */
	total?(): Promise<number>;
	keyOf(item: T): string;
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
 * page by page, once, and no more is kept than the answer and, with an order, twice what it skips and answers.
 */
export async function answerList<T>(query: ODataQuery, source: ListSource<T>): Promise<ListAnswer> {
	const wantsCount = query.wantsCount || source.alwaysCount === true;
	const { items, continuation, count: passed } = await find({ ...query, wantsCount }, source);
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

async function find<T>(query: ODataQuery, source: ListSource<T>): Promise<Found<T>> {
	if (query.orderBy.length > 0) return findOrdered(query, source);
	const { top: size = defaultPageSize, continuation } = query;
	if (isReadThrough(query, source)) return findInScan(query, source);
	const after = continuation === undefined ? undefined : readKey(continuation, source);
	if (query.skip > 0 && after === undefined) return findInScan(query, source);
	if (size === 0) return { items: [] };
	return source.page(after === undefined ? { size } : { size, continuation: after });
}

/** Whether more must be seen of the list than what is answered. */
function isReadThrough<T>({ filter, search, wantsCount }: ODataQuery, { total }: ListSource<T>): boolean {
	return filter !== undefined || search !== undefined || (wantsCount && total === undefined);
}

/**
 * One match more is looked for, so that there is a link only if there is something behind it; to count, all are. A page that
 * continues others takes from its token how many they passed.
 */
async function findInScan<T>(query: ODataQuery, source: ListSource<T>): Promise<Found<T>> {
	const { top: size = defaultPageSize, continuation } = query;
	const readsThrough = isReadThrough(query, source);
	const from = continuation === undefined ? undefined : readScanPlace(continuation, source);
	const items: T[] = [];
	let toSkip = skipOf(query);
	let passed = from?.passed ?? 0;
	let last: ScanPlace | undefined;
	let hasMore = false;
	for await (const { item } of matches(query, source, from?.key)) {
		hasMore = toSkip === 0 && items.length === size;
		if (hasMore && !(query.wantsCount && readsThrough)) break;
		passed += 1;
		if (toSkip > 0) toSkip -= 1;
		else if (!hasMore) {
			items.push(item);
			last = { key: source.keyOf(item), passed };
		}
	}
	return {
		items,
		// The link does not skip again, and so may be that of a plain list.
		continuation: hasMore && last ? (readsThrough ? writeScanPlace(last) : last.key) : undefined,
		count: query.wantsCount && readsThrough ? passed : undefined,
	};
}

async function findOrdered<T>(query: ODataQuery, source: ListSource<T>): Promise<Found<T>> {
	const { orderBy, top: size = defaultPageSize, continuation } = query;
	const skip = skipOf(query);
	const compare = placeComparer(orderBy);
	const valuesOf = orderReader(orderBy);
	const after = continuation === undefined ? undefined : await readPlace(continuation, orderBy, source);
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
		continuation: last && writePlace(last, orderBy, source.find !== undefined),
		count,
	};
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

async function shown<T>(item: T, query: ODataQuery, source: ListSource<T>): Promise<JsonObject> {
	const json = source.toJson(item);
	const expanded = query.expand.size > 0 ? await source.expanded?.(item, query.expand) : undefined;
	return project({ ...json, ...expanded }, query);
}
