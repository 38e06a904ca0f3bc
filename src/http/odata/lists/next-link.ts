import { writeSkipToken } from './skip-token.ts';

/** What the continuation has taken account of, or replaces. */
const replacedOptions = new Set(['skip', 'skiptoken']);

/**
 * Where to go on, with all other options as they were. The 2017 dialect spells the token without the `$`.
 */
export function nextLink(url: URL, continuation: string, tokenName: '$skiptoken' | 'skipToken'): string {
	const next = new URL(url);
	for (const name of [...next.searchParams.keys()]) {
		if (replacedOptions.has(name.replace(/^\$/, '').toLowerCase())) next.searchParams.delete(name);
	}
	next.searchParams.set(tokenName, writeSkipToken(continuation));
	// Clients compare option names to the letter.
	return next.href.replaceAll('%24', '$');
}
