import { z } from 'zod';

/** What browsers and servers take. */
export const maxUrlLength = 2_048;

/** A link of the school's own; what it says is looked at when it is opened, where it leads to as well. */
export const serverUrl = z
	.string()
	.trim()
	.max(maxUrlLength)
	.refine(isServerUrl, { error: 'must be an https URL without user name, password and fragment' });

function isServerUrl(text: string): boolean {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}
