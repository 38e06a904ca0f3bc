import type { JsonObject } from '../requests/request-body.ts';
import type { ODataQuery } from './query-options.ts';

/** Only the members that `$select` names, as Graph does it: what was expanded and `@odata` annotations stay, `id` does not. */
export function project(item: JsonObject, { select, expand }: Pick<ODataQuery, 'select' | 'expand'>): JsonObject {
	if (!select) return item;
	return Object.fromEntries(
		Object.entries(item).filter(([name]) => {
			// An annotation is `@odata.type` of the item, or `errors@odata.count` of a member.
			const [member = ''] = name.split('@');
			return member === '' || select.has(member) || expand.has(member);
		}),
	);
}
