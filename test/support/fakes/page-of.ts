import type { Page, PageRequest } from '../../../src/ports.ts';

/** The continuation is the place of the next item. */
export function pageOf<T>(items: readonly T[], { size, continuation = '0' }: PageRequest): Page<T> {
	const start = Number(continuation);
	const page = { items: items.slice(start, start + size) };
	return start + size < items.length ? { ...page, continuation: String(start + size) } : page;
}
