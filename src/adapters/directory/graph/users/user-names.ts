import { type GraphObject, isUserKind, type ObjectKind } from '../objects/object-kinds.ts';

/** Who somebody is, in words. */
export function wordsOf(user: GraphObject): string {
	const role = String(user.primaryRole ?? 'user');
	const ids = [role, 'student', 'teacher']
		.filter((kind) => isUserKind(kind as ObjectKind))
		.flatMap((kind) => (user[kind] as { externalId?: string } | null | undefined)?.externalId ?? []);
	if (ids.length === 0) return 'a user whom no profile has';
	return `${role} "${ids[0]}" of profile "${String(user.externalSourceDetail ?? '')}"`;
}
