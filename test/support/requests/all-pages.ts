import { expect } from 'vitest';
import type { Page, PageRequest } from '../../../src/ports.ts';

/** All items of a list, from page to page, none of which may be too large. */
export async function allPages<T>(
	list: (request: PageRequest) => Promise<Page<T>>,
	{ size, continuation: after }: PageRequest,
): Promise<T[]> {
	const items: T[] = [];
	let continuation = after;
	do {
		const page = await list(continuation === undefined ? { size } : { size, continuation });
		expect(page.items.length).toBeLessThanOrEqual(size);
		items.push(...page.items);
		continuation = page.continuation;
	} while (continuation !== undefined);
	return items;
}
