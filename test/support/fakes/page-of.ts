import type { Page, PageRequest } from '../../../src/ports.ts';

/** Of items in order of their ids; the continuation is the id of the last one given. */
export function pageOf<T extends { id: string }>(
	items: readonly T[],
	{ size, continuation = '' }: PageRequest,
): Page<T> {
	const rest = items.filter(({ id }) => id > continuation);
	const page = { items: rest.slice(0, size) };
	return rest.length > size ? { ...page, continuation: page.items.at(-1)?.id as string } : page;
}
