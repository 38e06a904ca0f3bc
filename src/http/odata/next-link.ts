import { writeSkipToken } from './skip-token.ts';

/** Where to go on, with all other options as they were. `$skip` has done its work on the first page. */
export function nextLink(url: URL, continuation: string, tokenName: '$skiptoken' | 'skipToken'): string {
	const next = new URL(url);
	for (const name of [...next.searchParams.keys()])
		if (/^\$?(skip|skiptoken)$/i.test(name)) next.searchParams.delete(name);
	next.searchParams.set(tokenName, writeSkipToken(continuation));
	// Clients compare option names to the letter.
	return next.href.replaceAll('%24', '$');
}
