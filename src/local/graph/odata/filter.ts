import { graphErrors } from '../graph-errors.ts';

export type Literal = string | boolean | null;
export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export type Filter = { type: 'and' | 'or'; left: Filter; right: Filter } | { type: 'not'; operand: Filter } | Condition;

/** What is asked of one property. */
export type Condition =
	| { type: 'compare'; operator: Comparison; path: string; value: Literal }
	| { type: 'text'; operator: 'startswith' | 'endswith'; path: string; value: string }
	| { type: 'in'; path: string; values: readonly Literal[] }
	/** One item of the collection equals the value, or its member does. */
	| { type: 'any'; path: string; member: string | undefined; value: Literal };

const tokenPattern = /\s*('(?:[^']|'')*'|[(),:]|[^\s(),:']+)/y;
const comparisons: ReadonlySet<string> = new Set<Comparison>(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);

/** The part of OData's filter language that directory objects understand. */
export function parseFilter(text: string): Filter {
	const reader = createReader(text);
	const filter = parseOr(reader);
	if (reader.peek() !== undefined) throw reader.failure();
	return filter;
}

interface Reader {
	peek(): string | undefined;
	take(): string;
	/** Takes the token if it is the next one. */
	skip(token: string): boolean;
	expect(token: string): void;
	failure(): Error;
}

function createReader(text: string): Reader {
	const tokens: string[] = [];
	const failure = () => graphErrors.badRequest(`Invalid filter clause: '${text}'.`);
	tokenPattern.lastIndex = 0;
	while (tokenPattern.lastIndex < text.trimEnd().length) {
		const match = tokenPattern.exec(text);
		if (!match) throw failure();
		tokens.push(match[1] as string);
	}
	let at = 0;
	const reader: Reader = {
		failure,
		peek: () => tokens[at],
		take() {
			const token = tokens[at];
			if (token === undefined) throw failure();
			at += 1;
			return token;
		},
		skip(token) {
			if (tokens[at]?.toLowerCase() !== token) return false;
			at += 1;
			return true;
		},
		expect(token) {
			if (!reader.skip(token)) throw failure();
		},
	};
	return reader;
}

function parseOr(reader: Reader): Filter {
	let left = parseAnd(reader);
	while (reader.skip('or')) left = { type: 'or', left, right: parseAnd(reader) };
	return left;
}

function parseAnd(reader: Reader): Filter {
	let left = parseNot(reader);
	while (reader.skip('and')) left = { type: 'and', left, right: parseNot(reader) };
	return left;
}

function parseNot(reader: Reader): Filter {
	if (reader.skip('not')) return { type: 'not', operand: parseNot(reader) };
	if (reader.skip('(')) {
		const inner = parseOr(reader);
		reader.expect(')');
		return inner;
	}
	return parseCondition(reader);
}

function parseCondition(reader: Reader): Filter {
	const name = reader.take();
	const word = name.toLowerCase();
	if (word === 'startswith' || word === 'endswith') return parseTextCondition(reader, word);
	if (name.endsWith('/any')) return parseAny(reader, name.slice(0, -'/any'.length));
	const operator = reader.take().toLowerCase();
	if (operator === 'in') return { type: 'in', path: name, values: parseList(reader) };
	if (!comparisons.has(operator)) throw reader.failure();
	return { type: 'compare', operator: operator as Comparison, path: name, value: parseLiteral(reader) };
}

function parseTextCondition(reader: Reader, operator: 'startswith' | 'endswith'): Filter {
	reader.expect('(');
	const path = reader.take();
	reader.expect(',');
	const value = parseLiteral(reader);
	reader.expect(')');
	if (typeof value !== 'string') throw reader.failure();
	return { type: 'text', operator, path, value };
}

/** `groupTypes/any(c:c eq 'Unified')`, `assignedLicenses/any(l:l/skuId eq …)`. */
function parseAny(reader: Reader, path: string): Filter {
	reader.expect('(');
	const variable = reader.take();
	reader.expect(':');
	const [name, member] = reader.take().split('/');
	if (name !== variable) throw reader.failure();
	reader.expect('eq');
	const value = parseLiteral(reader);
	reader.expect(')');
	return { type: 'any', path, member, value };
}

function parseList(reader: Reader): Literal[] {
	reader.expect('(');
	const values = [parseLiteral(reader)];
	while (reader.skip(',')) values.push(parseLiteral(reader));
	reader.expect(')');
	return values;
}

const words: Record<string, Literal> = { true: true, false: false, null: null };
const barePattern = /^[0-9a-f-]{36}$|^\d{4}-\d\d-\d\dT/i;

function parseLiteral(reader: Reader): Literal {
	let token = reader.take();
	if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
	// A time is cut at its colons.
	while (reader.peek() === ':') token += reader.take() + reader.take();
	if (Object.hasOwn(words, token)) return words[token] as Literal;
	if (barePattern.test(token)) return token;
	throw reader.failure();
}
