import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerList, countMatches, type ListSource } from '../../../../src/http/odata/lists/list-answer.ts';
import { nextLink } from '../../../../src/http/odata/lists/next-link.ts';
import { project } from '../../../../src/http/odata/projection.ts';
import { type ODataQuery, type QueryShape, readQuery } from '../../../../src/http/odata/query-options.ts';
import { pageOf } from '../../../support/fakes/page-of.ts';
import { asyncRefusal, refusal } from '../../../support/requests/refusal.ts';

interface Item {
	id: string;
	size: number;
}

const shape: QueryShape = { kind: 'list', properties: { id: 'string', size: 'int' } };
const idOf = (at: number) => String(at).padStart(6, '0');

function sourceOf(items: Map<string, Item>) {
	const asked: number[] = [];
	const source: ListSource<Item> = {
		async page(request) {
			asked.push(request.size);
			return pageOf(
				[...items.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
				request,
			);
		},
		keyOf: ({ id }) => id,
		toJson: (item) => ({ ...item }),
	};
	return { source, asked };
}

const mapOf = (...items: Item[]) => new Map(items.map((item) => [item.id, item]));
const numbered = (count: number) =>
	mapOf(...Array.from({ length: count }, (_, at) => ({ id: idOf(at), size: at % 7 })));

/** The pages of a request, as a client that follows the next links gets them. */
async function pages(query: string, source: ListSource<Item>, between = () => {}) {
	const all: string[][] = [];
	for (let url: string | undefined = `https://sds.example.org/items?${query}`; url; ) {
		const read: ODataQuery = readQuery(new URL(url).searchParams, shape);
		const { items, continuation } = await answerList(read, source);
		all.push(items.map(({ id }) => String(id)));
		url = continuation === undefined ? undefined : nextLink(new URL(url), continuation, '$skiptoken');
		between();
	}
	return all;
}

describe('a list', () => {
	test('without options reads just the page that it answers with', async () => {
		const { source, asked } = sourceOf(numbered(250));
		expect((await pages('', source)).map((page) => page.length)).toEqual([100, 100, 50]);
		expect(asked).toEqual([100, 100, 100]);
	});

	test('is filtered, ordered, skipped and counted as a whole', async () => {
		const { source } = sourceOf(numbered(30));
		const all = await pages('$filter=size eq 3 or size eq 5&$orderby=size desc,id desc&$skip=1&$top=3', source);
		expect(all).toEqual([[idOf(19), idOf(12), idOf(5)], [idOf(24), idOf(17), idOf(10)], [idOf(3)]]);
		const query = readQuery(new URLSearchParams('$filter=size eq 3&$count=true&$top=1'), shape);
		expect((await answerList(query, source)).count).toBe(4);
		expect(await countMatches(query, source)).toBe(4);
	});

	test('asks for the total where that is known', async () => {
		const { source, asked } = sourceOf(numbered(30));
		const query = readQuery(new URLSearchParams('$count=true&$top=2'), shape);
		expect((await answerList(query, { ...source, total: async () => 4_711 })).count).toBe(4_711);
		expect(asked).toEqual([2]);
	});

	const read = (query: string) => readQuery(new URLSearchParams(query), shape);

	test.each(['', '&$filter=size eq 3', '&$orderby=size', '&$skip=3', '&$count=true'])(
		'of no more than nothing ($top=0%s) is an empty page that nothing follows',
		async (rest) => {
			const { items, continuation, count } = await answerList(read(`$top=0${rest}`), sourceOf(numbered(30)).source);
			expect([items, continuation, count]).toEqual([[], undefined, rest.includes('count') ? 30 : undefined]);
		},
	);

	test.each([
		['$filter=size eq 3&$count=true&$top=2', 4, 30],
		['$count=true&$top=2', 30, 30],
		['$filter=size eq 3&$orderby=id desc&$count=true&$top=2', 4, 30],
	])('with its count (%s) reads the source once, page after page', async (query, expected, items) => {
		const { source } = sourceOf(numbered(items));
		let given = 0;
		const counting = {
			...source,
			keyOf: source.keyOf,
			toJson: (item: Item) => {
				given++;
				return { ...item };
			},
		};
		const first = await answerList(read(query), counting);
		expect([first.count, given <= items + 2]).toEqual([expected, true]);
		const next = await answerList({ ...read(query), continuation: first.continuation as string }, counting);
		expect([next.count, next.items.length]).toEqual([expected, 2]);
	});

	test('counts what came behind the page meanwhile', async () => {
		const items = numbered(10);
		const { source } = sourceOf(items);
		const query = read('$filter=size lt 7&$count=true&$top=2');
		const { continuation, count } = await answerList(query, source);
		items.set(idOf(99), { id: idOf(99), size: 1 });
		expect([count, (await answerList({ ...query, continuation: continuation as string }, source)).count]).toEqual([
			10, 11,
		]);
	});

	test.each([
		['$top=2', 'no key'],
		['$top=2', '{"key":"000001","passed":1}'],
		['$filter=size eq 1', '000001'],
		['$filter=size eq 1', '{"key":"000001"}'],
		['$filter=size eq 1', '{"key":"no key","passed":1}'],
		['$filter=size eq 1', '{"key":"000001","passed":-1}'],
		['$filter=size eq 1', '{"key":"000001","passed":1.5}'],
		['$filter=size eq 1', '{"key":["000001"],"passed":1}'],
		['$filter=size eq 1', 'null'],
		['$orderby=size', '{"key":"000001","values":["x"]}'],
		['$orderby=size', '{"key":"000001","values":[]}'],
		['$orderby=size', '{"key":"no key","values":[1]}'],
		['$orderby=size', '[1]'],
		['$orderby=size', '\u0000\ud800'],
		['$count=true', '[]'],
	])('refuses for %s a place that is none of it (%s)', async (query, continuation) => {
		const source = { ...sourceOf(numbered(9)).source, isKey: (text: string) => /^\d{6}$/.test(text) };
		const error = await asyncRefusal(answerList({ ...read(query), continuation }, source));
		expect(error.extras.details?.[0]?.target).toBe('$skiptoken');
	});

	test('in an order of texts goes on by a token that holds none of them, as long as they stay', async () => {
		const people = new Map(['Ardent', 'Brook', 'Cliff'].map((name, at) => [idOf(at), { id: idOf(at), name }]));
		const source: ListSource<{ id: string; name: string }> = {
			page: async (request) => pageOf([...people.values()], request),
			keyOf: ({ id }) => id,
			find: async (key) => people.get(key),
			toJson: (item) => ({ ...item }),
		};
		const byName = {
			...readQuery(new URLSearchParams('$orderby=name desc&$top=1'), { kind: 'list', properties: { name: 'string' } }),
		};
		const { continuation = '' } = await answerList(byName, source);
		expect(continuation).toMatch(/^\{"values":\["[\w-]{3}"\],"key":"000002"\}$/);
		expect((await answerList({ ...byName, continuation }, source)).items).toMatchObject([{ name: 'Brook' }]);
		people.set(idOf(2), { id: idOf(2), name: 'Alder' });
		expect((await asyncRefusal(answerList({ ...byName, continuation }, source))).message).toContain('$skiptoken');
		people.delete(idOf(2));
		expect((await asyncRefusal(answerList({ ...byName, continuation }, source))).message).toContain('$skiptoken');
	});

	test('has no next link when the last page is full', async () => {
		expect(await pages('$top=5', sourceOf(numbered(5)).source)).toHaveLength(1);
		expect(await pages('$top=5&$orderby=size', sourceOf(numbered(5)).source)).toHaveLength(1);
		expect(await pages('$top=2&$filter=size lt 2', sourceOf(numbered(7)).source)).toHaveLength(1);
	});

	test('refuses to skip far into an order, and a token of another order', async () => {
		const { source } = sourceOf(numbered(3));
		const far = refusal(() => readQuery(new URLSearchParams('$orderby=size&$skip=1000000'), shape));
		expect(far.extras.details?.[0]?.target).toBe('$skip');
		const other = { ...readQuery(new URLSearchParams('$orderby=size,id'), shape), continuation: '["000001",1]' };
		expect((await asyncRefusal(answerList(other, source))).extras.details?.[0]?.target).toBe('$skiptoken');
	});

	test('shows what was there all the time exactly once, whatever comes and goes between the pages', async () => {
		const options = fc.constantFrom(
			'$top=3',
			'$top=2&$filter=size lt 4',
			'$top=3&$orderby=size desc',
			'$top=2&$orderby=size,id desc&$filter=size ne 2',
			'$top=4&$skip=2',
		);
		const item = fc.record({ id: fc.nat(200).map(idOf), size: fc.nat(6) });
		const start = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 25 });
		// Nobody comes twice: an item that comes again with another size has moved, and may be shown where it was and where it is.
		const comers = fc.uniqueArray(item, { selector: ({ id }) => id, maxLength: 10 });
		await fc.assert(
			fc.asyncProperty(options, start, comers, async (query, first, later) => {
				const items = mapOf(...first);
				const { source } = sourceOf(items);
				const waiting = later.filter(({ id }) => !items.has(id));
				const seen = await pages(query, source, () => {
					const next = waiting.pop();
					if (next) items.set(next.id, next);
				});
				const flat = seen.flat();
				expect(new Set(flat).size).toBe(flat.length);
				const { filter = () => true, skip } = readQuery(new URLSearchParams(query), shape);
				const expected = first.filter((each) => filter({ ...each })).map(({ id }) => id);
				const missing = expected.filter((id) => !flat.includes(id));
				expect(missing.length).toBe(Math.min(skip, expected.length));
			}),
		);
	});
});

test('a next link keeps the other options, and skips no more', () => {
	const url = new URL('https://sds.example.org/items?$filter=size eq 1&$skip=5&skipToken=old&$top=2');
	expect(nextLink(url, 'k', '$skiptoken')).toMatch(/\?\$filter=size\+eq\+1&\$top=2&\$skiptoken=[\w-]+$/);
	expect(nextLink(url, 'k', 'skipToken')).toMatch(/&skipToken=[\w-]+$/);
});

test('a projection keeps what was selected and the annotations', () => {
	const item = { id: 1, name: 'x', '@odata.type': '#t' };
	expect(project(item, { select: new Set(['name']), expand: new Set() })).toEqual({ name: 'x', '@odata.type': '#t' });
	expect(project(item, { expand: new Set() })).toBe(item);
});
