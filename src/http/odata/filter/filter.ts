import type { TextCondition } from '../../../directory-ports.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import { echo, refusedOption } from '../option-refusal.ts';
import type { Properties } from '../scalar.ts';
import { type Operand, operandOf } from './filter-operands.ts';
import { binary, binaryLevels, filterFunctions, membership, negation, requireBoolean } from './filter-operators.ts';
import { filterTokens, type Token } from './filter-tokens.ts';

/** Whole URLs are seldom allowed more than twice this length. */
const maxFilterLength = 4_000;
/** Each level is a few frames of this parser; people write three or four. */
const maxDepth = 50;
/** Every term is tried on every item of a scan. */
const maxTerms = 200;

interface Parser {
	tokens: readonly Token[];
	next: number;
	depth: number;
	terms: number;
	properties: Properties;
}

/**
 * The condition that a `$filter` states (OData 4.01, URL Conventions 5.1.1): comparison, logic, `in`, `startswith`,
 * `endswith`, `contains`, `tolower`, `toupper`. Text is compared in any case. Throws `SyncApiError` (400) with the position.
 */
export function parseFilter(source: string, properties: Properties): (item: JsonObject) => boolean {
	const { evaluate } = parseCondition(source, properties);
	return (item) => evaluate(item) === true;
}

/**
 * The same for a list that its store looks through: texts that properties equal or start with, all of which must hold.
 * Throws `SyncApiError` (400) for whatever else a filter may state.
 */
export function parseTextConditions(source: string, properties: Properties): readonly TextCondition[] {
	const { conditions } = parseCondition(source, properties);
	if (conditions) return conditions;
	const names = Object.keys(properties).join(', ');
	throw refused(
		`this list can be filtered by "name eq 'text'" and "startswith(name, 'text')", joined by "and", where name is one of ${names}`,
	);
}

function parseCondition(source: string, properties: Properties): Operand {
	if (source.length > maxFilterLength) {
		throw refused(`it has ${source.length} characters, and may have ${maxFilterLength}`);
	}
	const parser: Parser = { tokens: filterTokens(source), next: 0, depth: 0, terms: 0, properties };
	const condition = requireBoolean(parseLevel(parser, 0));
	const rest = peek(parser);
	if (rest.kind !== 'end') throw unexpected(rest, 'an operator (and, or, eq, ne, gt, ge, lt, le, in) or the end');
	return condition;
}

function parseLevel(parser: Parser, level: number): Operand {
	const operators = binaryLevels[level];
	if (!operators) return parseUnary(parser);
	let left = parseLevel(parser, level + 1);
	for (let operator = takeWord(parser, operators); operator; operator = takeWord(parser, operators)) {
		left = binary(operator, left, parseLevel(parser, level + 1));
	}
	return left;
}

function parseUnary(parser: Parser): Operand {
	if (takeWord(parser, ['not'])) return nested(parser, () => negation(parseUnary(parser)));
	const operand = parsePrimary(parser);
	return takeWord(parser, ['in']) ? membership(operand, parseItems(parser)) : operand;
}

function parsePrimary(parser: Parser): Operand {
	const token = take(parser);
	if (token.kind === '(') {
		return nested(parser, () => {
			const inner = parseLevel(parser, 0);
			expectKind(parser, ')');
			return inner;
		});
	}
	if (token.kind === 'word' && peek(parser).kind === '(') return parseCall(parser, token);
	return termOf(parser, token);
}

function parseCall(parser: Parser, { text, position }: Token): Operand {
	const called = filterFunctions.get(text.toLowerCase());
	if (!called) {
		throw refused(`this is not a function offered here, which are ${[...filterFunctions.keys()].join(', ')}`, position);
	}
	const operands = nested(parser, () => parseList(parser, () => parseLevel(parser, 0)));
	if (operands.length === called.parameters) return called.apply(operands, position);
	throw refused(`"${text.toLowerCase()}" takes ${called.parameters} parameters, not ${operands.length}`, position);
}

function parseItems(parser: Parser): Operand[] {
	return parseList(parser, () => {
		const token = take(parser);
		const item = termOf(parser, token);
		if (item.property) throw refused('a list after "in" holds literals only', token.position);
		return item;
	});
}

function parseList(parser: Parser, parseOne: () => Operand): Operand[] {
	expectKind(parser, '(');
	const operands = [parseOne()];
	while (peek(parser).kind === ',') {
		take(parser);
		operands.push(parseOne());
	}
	expectKind(parser, ')');
	return operands;
}

function termOf(parser: Parser, token: Token): Operand {
	if (token.kind !== 'word' && token.kind !== 'string' && token.kind !== 'typed') {
		throw unexpected(token, 'a property, a literal, a function or "("');
	}
	parser.terms += 1;
	if (parser.terms > maxTerms) throw refused(`it has more than ${maxTerms} properties and literals`, token.position);
	return operandOf(token, parser.properties);
}

function nested<T>(parser: Parser, parse: () => T): T {
	parser.depth += 1;
	if (parser.depth > maxDepth) {
		throw refused(`it is nested deeper than ${maxDepth} levels`, peek(parser).position);
	}
	const result = parse();
	parser.depth -= 1;
	return result;
}

function peek({ tokens, next }: Parser): Token {
	return tokens[next] ?? { kind: 'end', text: '', position: 0 };
}

function take(parser: Parser): Token {
	const token = peek(parser);
	if (token.kind !== 'end') parser.next += 1;
	return token;
}

function takeWord(parser: Parser, words: readonly string[]): string | undefined {
	const { kind, text } = peek(parser);
	const word = kind === 'word' ? words.find((each) => each === text.toLowerCase()) : undefined;
	if (word) parser.next += 1;
	return word;
}

function expectKind(parser: Parser, kind: Token['kind']): void {
	const token = take(parser);
	if (token.kind !== kind) throw unexpected(token, `"${kind}"`);
}

const descriptions: Partial<Readonly<Record<Token['kind'], string>>> = {
	end: 'the filter ends',
	string: 'there is a string',
	typed: 'there is a typed literal',
	// Not repeated: who forgets the quotes may have written somebody's name.
	word: 'there is a word',
};

function unexpected({ kind, text, position }: Token, wanted: string) {
	return refused(`${descriptions[kind] ?? `there is ${echo(text)}`} where ${wanted} must be`, position);
}

function refused(rule: string, position?: number) {
	return refusedOption({ option: '$filter', rule, position });
}
