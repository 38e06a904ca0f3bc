import type { z } from 'zod';

/**
 * What no name may hold, since nobody sees it: control characters, separators of lines and paragraphs, what turns the direction of
 * the text around it, halves of characters and what is none. Marks that Arabic and Hebrew names need are fine.
 * https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\p{Noncharacter_Code_Point}]/u;

const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u;

/** Words that go on from "it", of a text that is not empty. */
export function requirePrintable(text: string, { addIssue }: Pick<z.core.$RefinementCtx<string>, 'addIssue'>): void {
	const found = unprintable.exec(text);
	if (found) {
		const place = [...text.slice(0, found.index)].length + 1;
		addIssue(`must have no control characters, and the one at character ${place} is ${codePointName(found[0])}`);
	} else if (text !== '' && !visible.test(text)) addIssue('must have a visible character');
}

function codePointName(character: string): string {
	const digits = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
	return `U+${digits}`;
}

/** For a message: what nobody would see is written as JSON escapes it. */
export function escaped(text: string): string {
	return JSON.stringify(text).replaceAll(
		/[\p{Cc}\p{Cf}\u2028\u2029]/gu,
		(character) => `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, '0')}`,
	);
}
