import { refusedOption } from '../option-refusal.ts';

export interface Token {
	/** `word` is anything unquoted: a name, an operator, a number, a date. `typed` is `Namespace.Type'value'`. */
	kind: 'word' | 'string' | 'typed' | '(' | ')' | ',' | 'end';
	/** Of strings: without the quotes. */
	text: string;
	/** Counted from 0. */
	position: number;
}

/** Words end at blanks, parentheses, commas and quotes. Sticky and without alternatives, so it cannot backtrack. */
const wordPattern = /[^\s(),']+/y;
const blankPattern = /\s+/y;

/** Always ends with one `end`. Throws `SyncApiError` (400) for a string without an end. */
export function filterTokens(source: string): Token[] {
	const tokens: Token[] = [];
	let position = 0;
	while (true) {
		position += matchAt(blankPattern, source, position).length;
		if (position >= source.length) return [...tokens, { kind: 'end', text: '', position }];
		const { token, end } = tokenAt(source, position);
		tokens.push(token);
		position = end;
	}
}

function tokenAt(source: string, position: number): { token: Token; end: number } {
	const first = source.charAt(position);
	if (first === '(' || first === ')' || first === ',') {
		return { token: { kind: first, text: first, position }, end: position + 1 };
	}
	const word = matchAt(wordPattern, source, position);
	const end = position + word.length;
	if (source[end] !== "'") return { token: { kind: 'word', text: word, position }, end };
	const string = stringAt(source, end);
	if (word === '') return { token: { kind: 'string', text: string.text, position }, end: string.end };
	if (!/^[a-z_]\w*(?:\.\w+)+$|^guid$/i.test(word)) {
		throw refused('this must be followed by a space, or be the qualified name of an enumeration type', position);
	}
	return { token: { kind: 'typed', text: string.text, position }, end: string.end };
}

/** A quote inside is written twice. */
function stringAt(source: string, start: number): { text: string; end: number } {
	let from = start + 1;
	while (true) {
		const quote = source.indexOf("'", from);
		if (quote === -1)
			throw refused("the string that begins here has no closing ' (a quote inside is written '')", start);
		if (source[quote + 1] !== "'") {
			return { text: source.slice(start + 1, quote).replaceAll("''", "'"), end: quote + 1 };
		}
		from = quote + 2;
	}
}

function matchAt(pattern: RegExp, source: string, position: number): string {
	pattern.lastIndex = position;
	return pattern.exec(source)?.[0] ?? '';
}

function refused(rule: string, position: number) {
	return refusedOption({ option: '$filter', rule, position });
}
