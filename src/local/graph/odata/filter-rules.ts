import { graphErrors } from '../graph-errors.ts';
import { type ResourceType, ruleOf } from '../model/property-rules.ts';
import type { Condition, Filter } from './filter.ts';

/** Values of an `in`, or conditions of an `or`, unless the slow index is asked. */
const maxAlternatives = 15;
/** https://learn.microsoft.com/graph/aad-advanced-queries: what endswith works for. */
const endsWithProperties = ['mail', 'userPrincipalName', 'proxyAddresses'];

/**
 * Throws on a filter that Graph does not answer for the type. `usesIndex` says that the request asks for the slow index, by
 * `ConsistencyLevel: eventual` and `$count=true`.
 */
export function checkFilter(filter: Filter, type: ResourceType, usesIndex: boolean): void {
	for (const condition of conditionsOf(filter)) checkCondition(condition, type, usesIndex);
	if (usesIndex) return;
	if (has(filter, ({ type: kind }) => kind === 'not')) throw needsIndex();
	if (alternatives(filter) > maxAlternatives) {
		throw graphErrors.unsupportedQuery(
			`Too many child clauses specified in search filter expression containing 'OR' operators: the most are ${maxAlternatives}.`,
		);
	}
}

function checkCondition(condition: Condition, type: ResourceType, usesIndex: boolean): void {
	const { path } = condition;
	const [name = '', member] = path.split('/');
	const rule = ruleOf(type, name);
	const isKnown = rule && (member === undefined || Object.hasOwn(rule.properties ?? {}, member));
	const isUnfit = condition.type === 'text' && condition.operator === 'endswith' && !endsWithProperties.includes(path);
	if (!isKnown || isUnfit || rule.access === 'writeOnly') {
		throw graphErrors.unsupportedQuery(
			`Unsupported or invalid query filter clause specified for property '${path}' of resource '${type.name}'.`,
		);
	}
	if (!usesIndex && (rule.isFoundByIndexOnly || isForIndex(condition))) throw needsIndex();
}

/** Inequality, endings, and what is not there. */
function isForIndex(condition: Condition): boolean {
	if (condition.type === 'text') return condition.operator === 'endswith';
	return condition.type === 'compare' && (condition.operator === 'ne' || condition.value === null);
}

function needsIndex() {
	return graphErrors.unsupportedQuery('The query needs the header ConsistencyLevel: eventual, and $count=true.');
}

function conditionsOf(filter: Filter): Condition[] {
	switch (filter.type) {
		case 'and':
		case 'or':
			return [...conditionsOf(filter.left), ...conditionsOf(filter.right)];
		case 'not':
			return conditionsOf(filter.operand);
		default:
			return [filter];
	}
}

function alternatives(filter: Filter): number {
	const conditions = conditionsOf(filter);
	const inLengths = conditions.map((condition) => (condition.type === 'in' ? condition.values.length : 0));
	return Math.max(has(filter, ({ type }) => type === 'or') ? conditions.length : 0, ...inLengths);
}

function has(filter: Filter, isWanted: (part: Filter) => boolean): boolean {
	if (isWanted(filter)) return true;
	if (filter.type === 'and' || filter.type === 'or') return has(filter.left, isWanted) || has(filter.right, isWanted);
	return filter.type === 'not' && has(filter.operand, isWanted);
}
