import type { Column, ValueType } from '../format/columns.ts';
import { parseDate } from '../format/dates.ts';
import { type Flaw, invalid, type ValueRule, type ValueRuleOptions } from './flaws.ts';
import { byteTraits, replaceSpecialCharacters, specialInside, traitsOf } from './special-characters.ts';
import { isRoundedNumber, mistakenDate, roundedNumber } from './spreadsheet-damage.ts';
import { blankFlaw, characterCount, lengthRule, maybeBlank } from './text-rules.ts';
import { usernameRule } from './usernames.ts';

/** Microsoft Entra ID takes no shorter password. */
const shortestPassword = 8;
const atSign = 0x40;

// In names special characters are a nuisance, in ids and usernames the directory refuses them.
const specialInName: Flaw = { ...specialInside, severity: 'Warning' };
const roundedId = invalid(roundedNumber.reason, roundedNumber.cure);
const roundedCode: Flaw = { ...roundedId, severity: 'Warning' };
const noEmail: Flaw = {
	...invalid('is no e-mail address', 'Correct the address, or leave it empty.'),
	severity: 'Warning',
};
const noSectionId = invalid(
	'has characters other than letters A to Z, digits, ".", "_" and "-"',
	'Take them out; the id becomes the mail nickname of the class.',
);
const noDate: Flaw = {
	...invalid('is no date like YYYY-MM-DD, YYYYMMDD or M/D/YYYY', 'Write it as YYYY-MM-DD.'),
	diagnose: mistakenDate,
};
const noYear = invalid('is no year of four digits', 'Write it as YYYY.');
const tooShort = invalid(
	`is shorter than ${shortestPassword} characters`,
	`Choose one of at least ${shortestPassword} characters.`,
);

type RuleMaker = (column: Column, options: ValueRuleOptions) => ValueRule;

const textRule: RuleMaker = ({ maxLength }) => lengthRule(maxLength);

const ruleMakers: Readonly<Record<ValueType, RuleMaker>> = {
	text: textRule,
	code: (column, options) => {
		const judgeText = textRule(column, options);
		return (bytes, start, end) => (isRoundedNumber(bytes, start, end) ? roundedCode : judgeText(bytes, start, end));
	},
	email: (column, options) => {
		const judgeText = textRule(column, options);
		return (bytes, start, end) => judgeText(bytes, start, end) ?? (isEmail(bytes, start, end) ? undefined : noEmail);
	},
	id: idRule,
	// Only the file that it refers to can judge it.
	reference: () => () => undefined,
	sectionId: (column, options) => {
		const judgeId = idRule(column, options);
		return (bytes, start, end) =>
			traitsOf(bytes, start, end) & byteTraits.other ? noSectionId : judgeId(bytes, start, end);
	},
	name: nameRule,
	username: usernameRule,
	password: ({ maxLength }) => {
		const judgeLength = lengthRule(maxLength);
		return (bytes, start, end) =>
			characterCount(bytes, start, end) < shortestPassword ? tooShort : judgeLength(bytes, start, end);
	},
	date: () => (bytes, start, end) => (parseDate(bytes, start, end) === 0 ? noDate : undefined),
	year: () => (bytes, start, end) => (isYear(bytes, start, end) ? undefined : noYear),
};

export function valueRule(column: Column, options: ValueRuleOptions): ValueRule {
	return ruleMakers[column.value](column, options);
}

/** Ids are compared with other files and with earlier runs, so nothing in them is ever replaced. */
function idRule({ maxLength }: Column, { replacesSpecialCharacters }: ValueRuleOptions): ValueRule {
	const judgeLength = lengthRule(maxLength);
	return (bytes, start, end) => {
		const traits = traitsOf(bytes, start, end);
		if (traits & byteTraits.special) {
			if (isRoundedNumber(bytes, start, end)) return roundedId;
			if (!replacesSpecialCharacters) return specialInside;
		}
		const blank = traits & maybeBlank ? blankFlaw(traits, bytes.subarray(start, end)) : undefined;
		return blank ?? judgeLength(bytes, start, end);
	};
}

function nameRule({ maxLength }: Column, { replacesSpecialCharacters }: ValueRuleOptions): ValueRule {
	const judgeLength = lengthRule(maxLength);
	return (bytes, start, end) => {
		const tooLong = judgeLength(bytes, start, end);
		if (tooLong || !(traitsOf(bytes, start, end) & byteTraits.special)) return tooLong;
		if (!replacesSpecialCharacters) return specialInName;
		replaceSpecialCharacters(bytes, start, end);
		return undefined;
	};
}

/** No more than a directory demands: something on both sides of one "@", and no blanks. */
function isEmail(bytes: Uint8Array, start: number, end: number): boolean {
	const value = bytes.subarray(start, end);
	const at = value.indexOf(atSign);
	const hasBoth = at > 0 && at < value.length - 1 && value.indexOf(atSign, at + 1) < 0;
	return hasBoth && !(traitsOf(bytes, start, end) & byteTraits.blank);
}

function isYear(bytes: Uint8Array, start: number, end: number): boolean {
	if (end - start !== 'YYYY'.length) return false;
	for (let at = start; at < end; at++) {
		if ((bytes[at] as number) < 0x30 || (bytes[at] as number) > 0x39) return false;
	}
	return true;
}
