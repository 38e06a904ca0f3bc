import { describe, expect, test } from 'vitest';
import type { Page, PageRequest } from '../../../src/ports.ts';
import { allPages } from '../../support/requests/all-pages.ts';

/** A list that is empty yet, and what may be put into it. */
export interface PagedList {
	/** In the order that the list promises; at least nine. */
	ids: readonly string[];
	add(id: string): Promise<void>;
	/** Absent where items only come. */
	remove?(id: string): Promise<void>;
	list(request: PageRequest): Promise<Page<{ id: string }>>;
}

/** What every list promises that is read page by page and whose continuation is the id of the last item. */
export function pagedListSuite(name: string, open: () => PagedList): void {
	const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id);

	/** Filled in another order than that of the list. */
	async function filled(isThere: (at: number) => boolean = () => true) {
		const list = open();
		const places = list.ids.map((_, at) => at).filter(isThere);
		const isEven = (at: number) => at % 2 === 0;
		for (const at of [...places.filter(isEven).reverse(), ...places.filter((place) => !isEven(place))])
			await list.add(list.ids[at] as string);
		return list;
	}

	describe(`the list of ${name}`, () => {
		test('has all in order, in pages of any size', async () => {
			const { ids, list } = await filled();
			for (const size of [1, 2, 4, ids.length - 1, ids.length, ids.length + 1, 5_000])
				expect(idsOf(await allPages(list, { size })), `pages of ${size}`).toEqual(ids);
		});

		test('is empty where nothing is', async () => {
			expect(await open().list({ size: 3 })).toEqual({ items: [] });
		});

		test('goes on behind the last item, whoever comes or goes meanwhile', async () => {
			const isLate = (at: number) => at === 0 || at === 4;
			const { ids, add, remove, list } = await filled((at) => !isLate(at));
			const first = await list({ size: 3 });
			expect(idsOf(first.items)).toEqual([ids[1], ids[2], ids[3]]);
			expect(first.continuation).toBe(ids[3]);
			const continuation = ids[3] as string;
			for (const id of ids.filter((_, at) => isLate(at))) await add(id);
			const gone = remove ? [continuation, ids[5]] : [];
			for (const id of gone) await remove?.(id as string);
			const rest = ids.slice(4).filter((id) => !gone.includes(id));
			expect(idsOf(await allPages(list, { size: 2, continuation }))).toEqual(rest);
		});

		test('goes on from a place where nothing is, and leads nowhere else by any text', async () => {
			const { ids, list } = await filled();
			const id = ids[2] as string;
			const between = id.replace(/.$/, id === id.toUpperCase() ? 'F' : 'f');
			expect(idsOf(await allPages(list, { size: 4, continuation: between }))).toEqual(ids.slice(3));
			for (const continuation of ["'", "' or PartitionKey ge '", '\u{10ffff}']) {
				const rest = idsOf(await allPages(list, { size: 4, continuation }));
				expect(rest, continuation).toEqual(ids.filter((id) => rest.includes(id)));
			}
		});
	});
}
