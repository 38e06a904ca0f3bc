import { maxPageSize } from '../odata/query-options.ts';

/** What a client prefers. https://www.rfc-editor.org/rfc/rfc7240, and OData 4.01 Part 1, 8.2.8 */
export interface Preferences {
	/** As the client names it, with what it is given. */
	pageSize?: { name: string; size: number };
	/** The client knows that an enum may have members that it does not know. */
	unknownEnumMembers: boolean;
}

export type HeaderReader = { get(name: string): string | null };

const pageSizeNames: ReadonlySet<string> = new Set(['maxpagesize', 'odata.maxpagesize']);

/** What cannot be read is ignored, as a preference may be; of one that is there twice the first counts. */
export function preferencesOf(headers: HeaderReader): Preferences {
	const preferences: Preferences = { unknownEnumMembers: false };
	for (const text of (headers.get('prefer') ?? '').split(',')) {
		const [, name = '', value = ''] = /^\s*([\w.-]+)\s*(?:=\s*"?(\w*)"?\s*)?(?:;|$)/.exec(text) ?? [];
		const key = name.toLowerCase();
		if (key === 'include-unknown-enum-members') preferences.unknownEnumMembers = true;
		else if (pageSizeNames.has(key) && /^0*[1-9]\d{0,8}$/.test(value))
			preferences.pageSize ??= { name: key, size: Math.min(Number(value), maxPageSize) };
	}
	return preferences;
}
