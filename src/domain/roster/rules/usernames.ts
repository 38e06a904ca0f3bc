import type { Column } from '../format/columns.ts';
import { invalid, type ValueRule, type ValueRuleOptions } from './flaws.ts';
import { byteTraits, replaceSpecialCharacters, specialInside, traitsOf } from './special-characters.ts';
import { blankFlaw, lengthRule, maybeBlank } from './text-rules.ts';

const atSign = 0x40;
const nothingBefore = invalid('has nothing before "@"', 'Enter the part before the "@".');

/**
 * A username is a local part, which may already carry the domain that the profile appends. Without such a domain, one
 * "@" may separate the local part from a domain of its own.
 */
export function usernameRule(column: Column, options: ValueRuleOptions): ValueRule {
	const { domain, replacesSpecialCharacters } = options;
	const localPartEnd = localPartOf(domain);
	const judgeLength = lengthRule(column.maxLength);
	const otherDomain = invalid(
		`has an "@", and behind it something else than the domain "${domain}"`,
		'Leave the domain out; the profile appends it.',
	);
	const judge = (bytes: Uint8Array, start: number, end: number) => {
		const traits = traitsOf(bytes, start, end);
		const blank = traits & maybeBlank ? blankFlaw(traits, bytes.subarray(start, end)) : undefined;
		if (blank) return blank;
		if (!(traits & byteTraits.special)) return undefined;
		if (replacesSpecialCharacters) replaceSpecialCharacters(bytes, start, end);
		else return domain && bytes.subarray(start, end).includes(atSign) ? otherDomain : specialInside;
		return undefined;
	};
	return (bytes, start, end) => {
		const localEnd = localPartEnd(bytes, start, end);
		if (localEnd === start) return nothingBefore;
		const ownDomainStart = domain ? end : Math.min(localEnd + 1, end);
		return judge(bytes, start, localEnd) ?? judge(bytes, ownDomainStart, end) ?? judgeLength(bytes, start, localEnd);
	};
}

/** Where the part of a username ends that tells two accounts apart: `jane` and `jane@contoso.com` may be the same. */
export function accountNameEnd(domain: string | undefined): (bytes: Uint8Array, start: number, end: number) => number {
	return domain ? localPartOf(domain) : (_bytes, _start, end) => end;
}

function localPartOf(domain: string | undefined): (bytes: Uint8Array, start: number, end: number) => number {
	if (!domain) return (bytes, start, end) => endBeforeOnlyAt(bytes.subarray(start, end)) + start;
	const suffix = new TextEncoder().encode(`@${domain}`);
	return (bytes, start, end) => {
		const from = end - suffix.length;
		if (from < start) return end;
		for (let place = 0; place < suffix.length; place++) {
			if (lowerCase(bytes[from + place] as number) !== suffix[place]) return end;
		}
		return from;
	};
}

function endBeforeOnlyAt(value: Uint8Array): number {
	const first = value.indexOf(atSign);
	return first >= 0 && value.indexOf(atSign, first + 1) < 0 ? first : value.length;
}

function lowerCase(byte: number): number {
	return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
