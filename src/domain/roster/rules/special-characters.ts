import { invalid } from './flaws.ts';

/**
 * The characters that `handleSpecialCharacterConstraint` replaces by an underscore, as Microsoft listed them in
 * December 2017. All are ASCII, so that a replacement fits where the character stood.
 */
const specialCharacters = '!@~#%*{}:<>?+&,$|';

const underscore = 0x5f;

/** What the bytes of a value can be, as bits. `other`: neither blank nor special, nor allowed in a mail nickname. */
export const byteTraits = { blank: 1, special: 2, other: 4, nonAscii: 8 } as const;

const traits = new Uint8Array(256).fill(byteTraits.other, 0, 0x80).fill(byteTraits.nonAscii | byteTraits.other, 0x80);
for (const allowed of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-') {
	traits[allowed.charCodeAt(0)] = 0;
}
for (const blank of ' \t') traits[blank.charCodeAt(0)] = byteTraits.blank;
for (const special of specialCharacters) traits[special.charCodeAt(0)] = byteTraits.special;

export const specialInside = invalid(
	`has one of the characters ${specialCharacters}`,
	'Take it out, or set handleSpecialCharacterConstraint in the profile.',
);

/** The traits of all bytes together. */
export function traitsOf(bytes: Uint8Array, start: number, end: number): number {
	let found = 0;
	for (let at = start; at < end; at++) found |= traits[bytes[at] as number] as number;
	return found;
}

/** Works in place. */
export function replaceSpecialCharacters(bytes: Uint8Array, start: number, end: number): void {
	for (let at = start; at < end; at++) {
		if (traits[bytes[at] as number] === byteTraits.special) bytes[at] = underscore;
	}
}
