import { graphErrors } from '../graph-errors.ts';
import type { GraphRequest } from '../graph-request.ts';
import { type ResourceType, ruleOf } from '../model/property-rules.ts';
import { type Filter, parseFilter } from './filter.ts';
import { checkFilter } from './filter-rules.ts';

export interface Query {
	filter?: Filter;
	select?: readonly string[];
	top: number;
	/** Of the last object of the page before. */
	afterSequence: number;
	wantsCount: boolean;
	/** The answer may come from an index that lags behind. */
	isEventual: boolean;
}

const pageSize = { usual: 100, most: 999 };
const optionsKnown: ReadonlySet<string> = new Set(['$filter', '$select', '$top', '$skiptoken', '$count']);

/** What the request asks for; throws on what Graph refuses, and on what this server does not do. */
export function readQuery({ query, headers }: Pick<GraphRequest, 'query' | 'headers'>, type: ResourceType): Query {
	for (const name of query.keys()) {
		if (!optionsKnown.has(name)) throw graphErrors.unsupportedQuery(`Query option '${name}' is not supported here.`);
	}
	const isEventual = headers.consistencylevel?.toLowerCase() === 'eventual';
	// Without the header Graph does not count, and does not say so.
	const wantsCount = isEventual && query.get('$count') === 'true';
	const filterText = query.get('$filter');
	const filter = filterText === null ? undefined : parseFilter(filterText);
	if (filter) checkFilter(filter, type, wantsCount);
	const select = readSelect(query.get('$select'), type);
	return {
		...(filter ? { filter } : {}),
		...(select ? { select } : {}),
		top: readTop(query.get('$top')),
		afterSequence: readSkipToken(query.get('$skiptoken')),
		wantsCount,
		isEventual,
	};
}

function readSelect(text: string | null, type: ResourceType): string[] | undefined {
	if (text === null || text === '') return undefined;
	const names = text.split(',').map((name) => name.trim());
	for (const name of names) if (!ruleOf(type, name)) throw graphErrors.unknownProperty(name, type.name);
	return names;
}

function readTop(text: string | null): number {
	if (text === null) return pageSize.usual;
	const top = Number(text);
	if (!Number.isInteger(top) || top < 1 || top > pageSize.most) {
		throw graphErrors.unsupportedQuery(
			`Invalid page size specified: '${text}'. Must be between 1 and ${pageSize.most}.`,
		);
	}
	return top;
}

/** The token means nothing to clients. */
export function skipToken(sequence: number): string {
	return Buffer.from(`s${sequence}`).toString('base64url');
}

function readSkipToken(text: string | null): number {
	if (text === null) return 0;
	const sequence = /^s(\d+)$/.exec(Buffer.from(text, 'base64url').toString())?.[1];
	if (sequence === undefined) throw graphErrors.badRequest('The skip token is not one of this directory.');
	return Number(sequence);
}
