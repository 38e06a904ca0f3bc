import type { SyncError } from '../client/api-shapes.ts';

/** Errors that say the same of other records. */
export interface ErrorGroup {
	entryType: string;
	/** Of the first one. */
	message: string;
	/** Of all, in their order. */
	records: readonly string[];
}

/** By cause, the most frequent first: one cause often stops many records, and each sentence names its own. */
export function groupErrors(errors: readonly SyncError[]): ErrorGroup[] {
	const groups = Map.groupBy(errors, ({ entryType, errorMessage }) => `${entryType} ${causeOf(errorMessage)}`);
	return [...groups.values()]
		.map((group) => ({
			entryType: group[0]?.entryType ?? '',
			message: group[0]?.errorMessage ?? '',
			records: group.map(({ reportableIdentifier }) => reportableIdentifier ?? ''),
		}))
		.sort((left, right) => right.records.length - left.records.length);
}

/** What is left of a sentence without the names and numbers that it is about. */
const causeOf = (message: string) => message.replace(/"[^"]*"/g, '"…"').replace(/\d+/g, '#');
