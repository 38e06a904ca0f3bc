import type { JsonObject } from '../requests/request-body.ts';
import { isObject } from './odata-names.ts';
import { refusedOption } from './option-refusal.ts';
import { foldCase } from './scalar.ts';

const maxSearchLength = 1_000;

interface Term {
	text: string;
	/** A phrase in quotes is never an operator. */
	phrase: boolean;
	position: number;
}

type Condition = (texts: readonly string[]) => boolean;

/**
 * The condition that a `$search` states: words and "phrases", joined by AND (or nothing), OR and NOT, in this order of
 * binding from loose to tight: OR, AND, NOT. A term matches as a part of any of the properties, in any case.
 * Throws `SyncApiError` (400) with the position.
 */
export function parseSearch(source: string, properties: readonly string[]): (item: JsonObject) => boolean {
	if (source.length > maxSearchLength) {
		throw refused(`it has ${source.length} characters, and may have ${maxSearchLength}`);
	}
	const alternatives = split(searchTerms(source), 'OR').map(allOf);
	const paths = properties.map((path) => path.split('/'));
	return (item) => {
		const texts = paths.map((path) => textAt(item, path));
		return alternatives.some((condition) => condition(texts));
	};
}

/** The `AND`s between terms, written or not, with any `NOT` before a term. */
function allOf(terms: readonly Term[]): Condition {
	const conditions = split(terms, 'AND').flatMap((operands) => {
		const last = operands.at(-1);
		if (last && isOperator(last, 'NOT')) throw refused('after NOT, a word or a phrase must follow', last.position);
		return operands.flatMap((term, index) => {
			if (isOperator(term, 'NOT')) return [];
			const negations = countBefore(operands, index);
			const text = foldCase(term.text);
			return [(texts: readonly string[]) => texts.some((each) => each.includes(text)) === (negations % 2 === 0)];
		});
	});
	return (texts) => conditions.every((condition) => condition(texts));
}

function countBefore(terms: readonly Term[], index: number): number {
	let start = index;
	for (let before = terms[start - 1]; before && isOperator(before, 'NOT'); before = terms[start - 1]) start -= 1;
	return index - start;
}

function split(terms: readonly Term[], operator: 'AND' | 'OR'): Term[][] {
	const parts: Term[][] = [[]];
	for (const term of terms) {
		if (isOperator(term, operator)) parts.push([]);
		else parts.at(-1)?.push(term);
	}
	if (parts.every((part) => part.length > 0)) return parts;
	throw refused('there must be a word or a "phrase", and one on each side of AND and OR');
}

function isOperator({ text, phrase }: Term, operator: string): boolean {
	return !phrase && text === operator;
}

/** Words end at blanks and quotes. */
const wordPattern = /[^\s"]+/y;

function searchTerms(source: string): Term[] {
	const terms: Term[] = [];
	let position = 0;
	while (position < source.length) {
		wordPattern.lastIndex = position;
		const word = wordPattern.exec(source)?.[0];
		if (word !== undefined) {
			if (/[()]/.test(word)) throw refused('parentheses are only for phrases in quotes', position);
			terms.push({ text: word, phrase: false, position });
			position += word.length;
		} else if (source[position] === '"') {
			const { text, end } = phraseAt(source, position);
			terms.push({ text, phrase: true, position });
			position = end;
		} else position += 1;
	}
	return terms;
}

/** A backslash takes the meaning from a quote or a backslash. */
function phraseAt(source: string, start: number): { text: string; end: number } {
	let text = '';
	for (let at = start + 1; at < source.length; at += 1) {
		if (source[at] === '"') {
			if (text === '') throw refused('the phrase is empty', start);
			return { text, end: at + 1 };
		}
		if (source[at] === '\\') at += 1;
		text += source.charAt(at);
	}
	throw refused('the phrase that begins here has no closing quote', start);
}

function textAt(item: JsonObject, path: readonly string[]): string {
	const value = path.reduce<unknown>((part, name) => (isObject(part) ? part[name] : undefined), item);
	return typeof value === 'string' ? foldCase(value) : '';
}

function refused(rule: string, position?: number) {
	return refusedOption({ option: '$search', rule, position });
}
