import { maxPageSize } from './odata/query-options.ts';
import { type OperationDoc, operationDocs } from './operation-docs.ts';
import type { Operation } from './operations.ts';

/** What a client prefers. https://www.rfc-editor.org/rfc/rfc7240, and OData 4.01 Part 1, 8.2.8 */
export interface Preferences {
	/** As the client names it, with what it is given. */
	pageSize?: { name: string; size: number };
	/** The client knows that an enum may have members that it does not know. */
	unknownEnumMembers: boolean;
}

type Headers = { get(name: string): string | null };

const pageSizeNames: ReadonlySet<string> = new Set(['maxpagesize', 'odata.maxpagesize']);

/** What cannot be read is ignored, as a preference may be; of one that is there twice the first counts. */
export function preferencesOf(headers: Headers): Preferences {
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

const statusBodies: ReadonlySet<string> = new Set(['profile', 'profileCollection', 'profileStatus']);

/** What of it an answer took account of, as its header `Preference-Applied` says; empty if nothing. */
export function appliedPreferences({ name }: Operation, headers: Headers): Record<string, string> {
	const { query, success }: OperationDoc = operationDocs[name as keyof typeof operationDocs];
	const { pageSize, unknownEnumMembers } = preferencesOf(headers);
	const isPaged = query === 'list' || query === 'pages';
	const applied = [
		...(pageSize && isPaged ? [`${pageSize.name}=${pageSize.size}`] : []),
		...(unknownEnumMembers && statusBodies.has(success.body ?? '') ? ['include-unknown-enum-members'] : []),
	];
	return applied.length > 0 ? { 'Preference-Applied': applied.join(', ') } : {};
}
