import { graphErrors } from '../graph-errors.ts';
import type { GraphRequest } from '../graph-request.ts';
import { type ResourceType, ruleOf } from '../model/property-rules.ts';
import { type Filter, parseFilter } from './filter.ts';
import { isAdvanced, pathsOf } from './filter-match.ts';

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
	const wantsCount = query.get('$count') === 'true';
	const filter = readFilter(query.get('$filter'), type);
	if ((filter && isAdvanced(filter) && !(isEventual && wantsCount)) || (wantsCount && !isEventual)) {
		throw graphErrors.unsupportedQuery(
			'The query needs the header ConsistencyLevel with the value eventual, and $count=true.',
		);
	}
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

function readFilter(text: string | null, type: ResourceType): Filter | undefined {
	if (text === null) return undefined;
	const filter = parseFilter(text);
	for (const path of pathsOf(filter)) checkPath(path, type);
	return filter;
}

function checkPath(path: string, type: ResourceType): void {
	const [name = '', member] = path.split('/');
	const rule = ruleOf(type, name);
	const isKnown = rule && (member === undefined || Object.hasOwn(rule.properties ?? {}, member));
	if (!isKnown || rule.access === 'writeOnly') {
		throw graphErrors.unsupportedQuery(`Property '${path}' of resource '${type.name}' cannot be filtered by.`);
	}
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
