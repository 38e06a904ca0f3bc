import { fieldFlaws } from './csv-scanner.ts';
import { type Flaw, invalid } from './flaws.ts';

const torn = (bit: number, reason: string) => ({ bit, flaw: { ...invalid(reason), isTorn: true } });

/** What the scanner noticed about a field, the worst first. */
const tornValues: readonly { bit: number; flaw: Flaw }[] = [
	torn(fieldFlaws.lineBreak, 'has a line break'),
	torn(fieldFlaws.textAfterQuote, 'has text behind its closing quotation mark'),
	torn(fieldFlaws.strayQuote, 'has a quotation mark and is not enclosed in quotation marks'),
	torn(fieldFlaws.loneCarriageReturn, 'has a carriage return without a line feed'),
	torn(fieldFlaws.controlCharacter, 'has a control character'),
];

export function tornFlaw(flaws: number): Flaw | undefined {
	return tornValues.find(({ bit }) => flaws & bit)?.flaw;
}
