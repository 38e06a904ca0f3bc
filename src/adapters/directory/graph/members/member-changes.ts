import type { KnownMembers, Role } from './member-sources.ts';

/** What somebody wants to be another in a class or school. */
export interface WantedChange {
	groupId: string;
	source: string;
	role: Role;
	add: readonly string[];
	remove: readonly string[];
	wantsOthers?: boolean | undefined;
}

/** Who is in a group, as the directory shows it. */
export interface ShownMembers {
	/** All of them. */
	members: ReadonlySet<string>;
	/** Those among them of whom the directory itself says that they teach. */
	teachers: ReadonlySet<string>;
	/** Whether these are so because they teach here: the owners of a class. */
	hasTeachers: boolean;
	/** False if a replica may show somebody who was removed a short time ago. */
	isSettled: boolean;
}

/** What is to be asked of the directory, and to be noted. */
export interface MemberPlan {
	addMembers: readonly string[];
	addTeachers: readonly string[];
	removeMembers: readonly string[];
	removeTeachers: readonly string[];
	/** Whom the source has brought from now on, and whom it has no longer. */
	note: { add: readonly string[]; remove: readonly string[] };
	/** Of whom nobody knew who had brought them, and who goes. */
	byHand: readonly string[];
	others: readonly string[];
}

/** Whether somebody is in the group as this, whoever says so. */
function isKnownAs(known: KnownMembers, role: Role, id: string): boolean {
	return known.some((row) => row.role === role && row.ids.has(id));
}

/**
 * Those of a role. A class says itself who teaches; who does so may be a student of it too, if somebody has brought him as that. In a school
 * everybody is what he was brought as, and else what he is anyway.
 */
export function membersAs(
	role: Role,
	known: KnownMembers,
	{ members, teachers, hasTeachers }: Omit<ShownMembers, 'isSettled'>,
): string[] {
	if (hasTeachers && role === 'teacher') return [...teachers];
	if (hasTeachers) return [...members].filter((id) => !teachers.has(id) || isKnownAs(known, role, id));
	return [...members].filter((id) => {
		if (known.some(({ ids }) => ids.has(id))) return isKnownAs(known, role, id);
		return teachers.has(id) === (role === 'teacher');
	});
}

/** Of those the ones of whom no other source is known to have brought them, unless this one has too, or somebody did it by hand. */
export function ownOf(ids: readonly string[], role: Role, known: KnownMembers, source: string): string[] {
	const rows = known.filter((row) => row.role === role);
	return ids.filter((id) => {
		const bringers = rows.filter((row) => row.ids.has(id)).map((row) => row.source);
		return bringers.length === 0 || bringers.includes(source) || bringers.includes('');
	});
}

/**
 * What a change comes to. Adding whom the directory shows is nothing, unless it may show somebody who has gone; removing somebody whom
 * another source has, or who is there in another role too, takes nothing from the directory but the role.
 */
export function planMembers(change: WantedChange, known: KnownMembers, shown: ShownMembers): MemberPlan {
	const { role, source } = change;
	const add = [...new Set(change.add)];
	const remove = [...new Set(change.remove)].filter((id) => !change.add.includes(id));
	const own = idsBy(known, role, source);
	const byHand = idsBy(known, role, '');
	const isTeacher = shown.hasTeachers && role === 'teacher';
	const isMissing = (ids: ReadonlySet<string>) => (id: string) =>
		!ids.has(id) || !(shown.isSettled || isKnownAs(known, role, id));
	const present = membersAs(role, known, shown);
	const presentOnes = new Set(present);
	const isOthers = (id: string) =>
		known.some((row) => row.role === role && ![source, ''].includes(row.source) && row.ids.has(id));
	const leaving = remove.filter((id) => !isOthers(id) && (presentOnes.has(id) || own.has(id) || byHand.has(id)));
	const named = new Set([...change.add, ...change.remove]);
	return {
		addMembers: add.filter(isMissing(shown.members)),
		addTeachers: isTeacher ? add.filter(isMissing(shown.teachers)) : [],
		removeMembers: leaving.filter((id) => !staysAsOther(id, role, known, shown)),
		removeTeachers: isTeacher ? leaving : [],
		note: { add: add.filter((id) => !own.has(id)), remove: remove.filter((id) => own.has(id)) },
		byHand: source === '' ? [] : remove.filter((id) => byHand.has(id)),
		others: ownOf(present, role, known, source).filter((id) => !named.has(id)),
	};
}

const idsBy = (known: KnownMembers, role: Role, source: string): ReadonlySet<string> =>
	known.find((row) => row.role === role && row.source === source)?.ids ?? new Set();

function staysAsOther(id: string, role: Role, known: KnownMembers, shown: ShownMembers): boolean {
	if (role === 'student' && shown.hasTeachers && shown.teachers.has(id)) return true;
	return isKnownAs(known, role === 'student' ? 'teacher' : 'student', id);
}
