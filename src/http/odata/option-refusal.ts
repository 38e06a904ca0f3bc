import { apiErrors, type SyncApiError } from '../../domain/errors.ts';

const maxEchoedCharacters = 40;

/** Where in the value something is wrong, counted from 0; the message counts from 1, as editors do. */
export interface OptionFault {
	option: string;
	/** Reads on from a colon: what is there and what must be. Never holds a quoted string of the client: it may name a person. */
	rule: string;
	position?: number | undefined;
}

/** The 400 for a query option. */
export function refusedOption({ option, rule, position }: OptionFault): SyncApiError {
	const place = position === undefined ? '' : ` at character ${position + 1}`;
	const message = `Cannot read the query option "${option}"${place}: ${rule}.`;
	return apiErrors.badRequest(message, [{ code: 'InvalidQueryOption', message, target: option }]);
}

/** A word of the client's, quoted and cut, fit for a message. */
export function echo(word: string): string {
	return JSON.stringify(word.length > maxEchoedCharacters ? `${word.slice(0, maxEchoedCharacters)}…` : word);
}
