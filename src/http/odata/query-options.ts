import type { JsonObject } from '../request-body.ts';
import { parseFilter } from './filter.ts';
import { echo, refusedOption } from './option-refusal.ts';
import { type OrderTerm, parseOrderBy } from './order-by.ts';
import type { Properties } from './scalar.ts';
import { parseSearch } from './search.ts';
import { readSkipToken } from './skip-token.ts';

/** What the query options of a request may be about. */
export interface QueryShape {
	kind: 'list' | 'entity' | 'count';
	/** That can be filtered and ordered by, by path. */
	properties: Properties;
	/** Further top-level names that `$select` may have; `any` checks none. */
	selectable?: readonly string[] | 'any';
	searchable?: readonly string[];
	expandable?: readonly string[];
}

export interface ODataQuery {
	filter?: (item: JsonObject) => boolean;
	search?: (item: JsonObject) => boolean;
	orderBy: readonly OrderTerm[];
	/** Items of one page. */
	top?: number;
	skip: number;
	wantsCount: boolean;
	select?: ReadonlySet<string>;
	expand: ReadonlySet<string>;
	/** What an earlier page said that the next one begins with. */
	continuation?: string;
}

const maxPageSize = 999;
const maxSkip = 2 ** 31 - 1;

type Reader = (value: string, shape: QueryShape) => Partial<ODataQuery>;

/** Names without the `$` that OData 4.01 lets clients leave out, in lower case. */
const readers: Readonly<Record<string, Reader>> = {
	filter: (value, { properties }) => ({ filter: parseFilter(value, properties) }),
	search: (value, { searchable = [] }) => ({ search: parseSearch(value, searchable) }),
	orderby: (value, { properties }) => ({ orderBy: parseOrderBy(value, properties) }),
	top: (value) => ({ top: Math.min(wholeNumber('$top', value, { least: 1, most: maxSkip }), maxPageSize) }),
	skip: (value) => ({ skip: wholeNumber('$skip', value, { least: 0, most: maxSkip }) }),
	count: (value) => ({ wantsCount: truth('$count', value) }),
	select: (value, shape) => selection(value, shape),
	expand: (value, { expandable = [] }) => ({ expand: new Set(namesOf('$expand', value, expandable)) }),
	skiptoken: (value) => ({ continuation: readSkipToken(value) }),
	format: (value) => json(value),
};

const optionsOf: Readonly<Record<QueryShape['kind'], ReadonlySet<string>>> = {
	list: new Set(Object.keys(readers)),
	entity: new Set(['select', 'expand', 'format']),
	count: new Set(['filter', 'search', 'count', 'format']),
};

/**
 * The query options of a request (OData 4.01, URL Conventions 5.1). Names are taken in any case; other parameters without a `$`
 * mean nothing, as in Graph. Throws `SyncApiError` (400) that names the option that is malformed, unknown or doubled.
 */
export function readQuery(parameters: URLSearchParams, shape: QueryShape): ODataQuery {
	let query: ODataQuery = { orderBy: [], skip: 0, wantsCount: false, expand: new Set() };
	const seen = new Set<string>();
	for (const [parameter, value] of parameters) {
		const option = parameter.toLowerCase().replace(/^\$/, '');
		const isKnown = optionsOf[shape.kind].has(option);
		if (!isKnown && !parameter.startsWith('$')) continue;
		const label = isKnown ? `$${option}` : echo(parameter);
		if (!isKnown) throw refusedOption({ option: label, rule: 'it means nothing here' });
		if (seen.has(option)) throw refusedOption({ option: label, rule: 'it is there twice, and may be there once' });
		seen.add(option);
		query = { ...query, ...readers[option]?.(value, shape) };
	}
	return query;
}

function wholeNumber(option: string, value: string, { least, most }: { least: number; most: number }): number {
	const number = /^\d{1,10}$/.test(value) ? Number(value) : -1;
	if (number >= least && number <= most) return number;
	throw refusedOption({ option, rule: `it is ${echo(value)}, and must be a whole number from ${least} on` });
}

function truth(option: string, value: string): boolean {
	const word = value.toLowerCase();
	if (word === 'true' || word === 'false') return word === 'true';
	throw refusedOption({ option, rule: `it is ${echo(value)}, and must be true or false` });
}

function json(value: string): Partial<ODataQuery> {
	if (/^(json|application\/json\b.*)$/i.test(value)) return {};
	throw refusedOption({ option: '$format', rule: `it is ${echo(value)}, and must be json` });
}

function selection(value: string, { properties, selectable = [] }: QueryShape): Partial<ODataQuery> {
	if (value.trim() === '*') return {};
	const known =
		selectable === 'any'
			? selectable
			: ['id', ...Object.keys(properties).map((path) => path.split('/')[0] ?? path), ...selectable];
	return { select: new Set(namesOf('$select', value, known)) };
}

/** Names separated by commas, each under its proper spelling. */
function namesOf(option: string, value: string, known: readonly string[] | 'any'): string[] {
	return value.split(',').map((part) => {
		const name = part.trim();
		if (known === 'any') return name;
		const proper = known.find((each) => each.toLowerCase() === name.toLowerCase());
		if (proper) return proper;
		const allowed =
			known.length > 0 ? `the names it may have are ${[...new Set(known)].join(', ')}` : 'it may have none here';
		throw refusedOption({ option, rule: `there is no ${echo(name)}; ${allowed}` });
	});
}
