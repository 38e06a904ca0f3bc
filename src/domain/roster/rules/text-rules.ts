import { type Flaw, invalid, type ValueRule } from './flaws.ts';
import { byteTraits } from './special-characters.ts';

export function lengthRule(maxLength: number): ValueRule {
	const tooLong = invalid(`is longer than ${maxLength} characters`, `Shorten it to ${maxLength} characters.`);
	return (bytes, start, end) => {
		// No text has more characters than bytes.
		if (end - start <= maxLength) return undefined;
		return characterCount(bytes, start, end) > maxLength ? tooLong : undefined;
	};
}

export function characterCount(bytes: Uint8Array, start: number, end: number): number {
	let characters = 0;
	// Every byte but the continuation bytes 0x80 to 0xBF begins a character.
	for (let at = start; at < end; at++) if (((bytes[at] as number) & 0xc0) !== 0x80) characters++;
	return characters;
}

const blankInside = invalid('has a blank inside', 'Take the blank out.');
const invisibleInside = invalid(
	'has an invisible character',
	'Type the value anew; what is pasted may carry characters that nobody sees.',
);
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Of values with these traits only `blankFlaw` can tell whether something is wrong with them. */
export const maybeBlank = byteTraits.blank | byteTraits.nonAscii;

/** `traits` are those of the value. A no-break space or a zero-width character makes two ids differ that look the same. */
export function blankFlaw(traits: number, value: Uint8Array): Flaw | undefined {
	if (traits & byteTraits.blank) return blankInside;
	return /[\s\p{Cc}\p{Cf}]/u.test(decoder.decode(value)) ? invisibleInside : undefined;
}
