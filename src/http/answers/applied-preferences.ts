import type { OperationDoc } from '../openapi/operation-doc.ts';
import { operationDocs } from '../openapi/operation-docs.ts';
import type { Operation } from '../operations.ts';
import { type HeaderReader, preferencesOf } from '../requests/preferences.ts';

const statusBodies: ReadonlySet<string> = new Set(['profile', 'profileCollection', 'profileStatus']);

/** What of it an answer took account of, as its header `Preference-Applied` says; empty if nothing. */
export function appliedPreferences({ name }: Operation, headers: HeaderReader): Record<string, string> {
	const { query, success }: OperationDoc = operationDocs[name as keyof typeof operationDocs];
	const { pageSize, unknownEnumMembers } = preferencesOf(headers);
	const isPaged = query === 'list' || query === 'pages';
	const applied = [
		...(pageSize && isPaged ? [`${pageSize.name}=${pageSize.size}`] : []),
		...(unknownEnumMembers && statusBodies.has(success.body ?? '') ? ['include-unknown-enum-members'] : []),
	];
	return applied.length > 0 ? { 'Preference-Applied': applied.join(', ') } : {};
}
