import type { TextCondition } from '../../directory-ports.ts';
import type { JsonObject } from '../requests/request-body.ts';
import { parseFilter, parseTextConditions } from './filter/filter.ts';
import { readSkipToken } from './lists/skip-token.ts';
import { parseExpand, parseSelect } from './name-lists.ts';
import { echo, refusedOption } from './option-refusal.ts';
import { type OrderTerm, parseOrderBy } from './order-by.ts';
import type { Properties } from './scalar.ts';
import { parseSearch } from './search.ts';

/** What can be asked of a resource. */
export interface QueryShape {
	/** `pages`: a list in an order of its own, which can be paged through, but neither searched nor ordered. */
	kind: 'list' | 'pages' | 'entity' | 'count';
	/** What can be filtered and ordered by. */
	properties: Properties;
	/** Set where the store itself looks for what a filter states, and so knows text conditions only. */
	filter?: 'textConditions';
	/** Why an option that people expect is not offered; reads on from "because". */
	reasons?: Readonly<Partial<Record<OptionName, string>>>;
	/** Paths of the texts that `$search` looks into. */
	searchable?: readonly string[];
	/** Navigation properties. */
	expandable?: readonly string[];
	/** Top-level members that can be selected beside `id` and those of `properties`, such as objects and collections. */
	selectable?: readonly string[];
	/** `$format` may be csv. */
	offersCsv?: true;
}

export interface ODataQuery {
	filter?: (item: JsonObject) => boolean;
	/** The filter, where the shape wants text conditions. */
	conditions?: readonly TextCondition[];
	orderBy: readonly OrderTerm[];
	/** The size of a page, as in Graph, and not a limit of the whole list; 0 is an empty page that nothing follows. */
	top?: number;
	skip: number;
	wantsCount: boolean;
	/** Proper names of top-level members; absent if everything is wanted. */
	select?: ReadonlySet<string>;
	expand: ReadonlySet<string>;
	search?: (item: JsonObject) => boolean;
	/** What `nextLink` was given. */
	continuation?: string;
	/** What `$format` asks for. */
	format?: 'json' | 'csv';
}

/** A page holds no more, whatever a client would like. */
export const maxPageSize = 999;
/** An ordered list is kept in memory as far as its page reaches; clients who want more follow the links. */
const maxSkipWhenOrdered = 10_000;

type OptionName =
	| '$filter'
	| '$orderby'
	| '$top'
	| '$skip'
	| '$count'
	| '$select'
	| '$expand'
	| '$search'
	| '$skiptoken'
	| '$format';

type Reader = (value: string, shape: QueryShape) => Partial<ODataQuery>;

const readers: Readonly<Record<OptionName, Reader>> = {
	$filter: (value, { properties, filter }) =>
		filter === 'textConditions'
			? { conditions: parseTextConditions(value, properties) }
			: { filter: parseFilter(value, properties) },
	$orderby: (value, { properties }) => ({ orderBy: parseOrderBy(value, properties) }),
	$top: (value) => ({ top: Math.min(wholeNumber({ option: '$top', value, least: 0 }), maxPageSize) }),
	$skip: (value) => ({ skip: wholeNumber({ option: '$skip', value, least: 0 }) }),
	$count: (value) => ({ wantsCount: truthOf(value) }),
	$select: (value, shape) => selectionOf(value, shape),
	$expand: (value, { expandable = [] }) => ({ expand: parseExpand(value, expandable) }),
	$search: (value, { searchable = [] }) => ({ search: parseSearch(value, searchable) }),
	$skiptoken: (value) => ({ continuation: readSkipToken(value) }),
	$format: formatOf,
};

const everywhere: readonly OptionName[] = ['$select', '$expand', '$format'];

const offered: Readonly<Record<QueryShape['kind'], readonly OptionName[]>> = {
	list: Object.keys(readers) as OptionName[],
	pages: ['$filter', '$top', '$skiptoken', '$count', '$select', '$expand', '$format'],
	entity: everywhere,
	// OData 4.01 Part 1, 11.2.10: a count goes by these two and ignores the others.
	count: ['$filter', '$search'],
};

/**
 * Reads the query options of OData 4.01, whose names may lack the `$` and come in any case. Other names without `$` are
 * the client's own and ignored. Throws `SyncApiError` (400) that names the malformed, repeated or unknown option.
 */
export function readQuery(params: URLSearchParams, shape: QueryShape): ODataQuery {
	const seen = new Set<OptionName>();
	const query: ODataQuery = { orderBy: [], skip: 0, wantsCount: false, expand: new Set() };
	for (const [name, value] of params) {
		const option = optionOf(name);
		if (!option) continue;
		if (seen.has(option)) throw refusedOption({ option, rule: 'it is there more than once' });
		seen.add(option);
		if (isOffered(option, shape)) Object.assign(query, readers[option](value, shape));
	}
	if (query.orderBy.length > 0 && query.skip > maxSkipWhenOrdered) {
		const rule = `with $orderby it may be ${maxSkipWhenOrdered} at most; follow @odata.nextLink to get further`;
		throw refusedOption({ option: '$skip', rule });
	}
	return query;
}

const optionsByBareName = new Map(Object.keys(readers).map((name) => [name.slice(1), name as OptionName]));

function optionOf(name: string): OptionName | undefined {
	const option = optionsByBareName.get(name.replace(/^\$/, '').toLowerCase());
	if (option || !name.startsWith('$')) return option;
	const rule = `there is no such option; those offered are ${Object.keys(readers).join(', ')}`;
	throw refusedOption({ option: shortened(name), rule });
}

/** False if it is to be ignored. */
function isOffered(option: OptionName, shape: QueryShape): boolean {
	const { kind, expandable = [], searchable = [], reasons = {} } = shape;
	const missing = { $expand: expandable.length === 0, $search: searchable.length === 0 } as Partial<
		Record<OptionName, boolean>
	>;
	if (offered[kind].includes(option) && !missing[option]) return true;
	if (kind === 'count' && !offered.count.includes(option)) return false;
	const rest = offered[kind].filter((each) => !missing[each]).join(', ');
	const reason = reasons[option] ? `, because ${reasons[option]}` : '';
	throw refusedOption({ option, rule: `this resource does not offer it${reason}; it offers ${rest}` });
}

function selectionOf(value: string, { properties, expandable = [], selectable = [] }: QueryShape): Partial<ODataQuery> {
	const select = parseSelect(value, ['id', ...Object.keys(properties), ...selectable, ...expandable]);
	return select ? { select } : {};
}

/** Nine digits, so that it stays exact whatever is added. */
const wholeNumberPattern = /^\d{1,9}$/;

function wholeNumber({ option, value, least }: { option: OptionName; value: string; least: number }): number {
	const number = wholeNumberPattern.test(value) ? Number(value) : -1;
	if (number >= least) return number;
	throw refusedOption({ option, rule: `it is ${echo(value)}, and must be a whole number from ${least} on` });
}

function truthOf(value: string): boolean {
	const word = value.toLowerCase();
	if (word === 'true' || word === 'false') return word === 'true';
	throw refusedOption({ option: '$count', rule: `it is ${echo(value)}, and must be true or false` });
}

function formatOf(value: string, { offersCsv }: QueryShape): Partial<ODataQuery> {
	const [mediaType = ''] = value.toLowerCase().split(';');
	if (mediaType === 'json' || mediaType === 'application/json') return { format: 'json' };
	if (offersCsv && (mediaType === 'csv' || mediaType === 'text/csv')) return { format: 'csv' };
	throw refusedOption({
		option: '$format',
		rule: `it is ${echo(value)}, and must be json${offersCsv ? ' or csv' : ''}`,
	});
}

function shortened(name: string): string {
	return name.slice(0, 40);
}
