import { type Flaw, invalid } from '../rules/flaws.ts';
import { fieldFlaws } from './csv-scanner.ts';

const torn = (bit: number, reason: string, cure: string) => ({ bit, flaw: { ...invalid(reason, cure), isTorn: true } });

const encloseWhole = 'Enclose the whole value in quotation marks, and double those inside.';
const takeOut = 'Take it out.';
const saveAnew = 'Take it out, or save the file with the line ends of Windows or Unix.';

/** What the scanner noticed about a field, the worst first. */
const tornValues: readonly { bit: number; flaw: Flaw }[] = [
	torn(fieldFlaws.lineBreak, 'has a line break', 'Put the value on one line.'),
	torn(fieldFlaws.textAfterQuote, 'has text behind its closing quotation mark', encloseWhole),
	torn(fieldFlaws.strayQuote, 'has a quotation mark and is not enclosed in quotation marks', encloseWhole),
	torn(fieldFlaws.loneCarriageReturn, 'has a carriage return without a line feed', saveAnew),
	torn(fieldFlaws.controlCharacter, 'has a control character', takeOut),
];

export function tornFlaw(flaws: number): Flaw | undefined {
	return tornValues.find(({ bit }) => flaws & bit)?.flaw;
}
