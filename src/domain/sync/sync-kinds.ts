import { type RosterKind, rosterKinds } from '../roster/format/kinds.ts';
import type { AccountRole } from './records/identity.ts';

/** Who is in which school: it follows from the rows of people, one for each school that they name. */
const schoolMembershipKinds = ['schoolStudent', 'schoolTeacher'] as const;

/** What a run keeps in step: the six record kinds of the files, and the memberships of schools. */
export const syncKinds = [...rosterKinds, ...schoolMembershipKinds] as const;
export type SyncKind = (typeof syncKinds)[number];

interface MembershipRule {
	/** The kind that people are members of, and which file says so. */
	group: 'section' | 'school';
	file: RosterKind;
	role: AccountRole;
	/** As the error resource names it. */
	entryType: string;
}

/** Lines of all of them are group and person, joined; a line is its own key. */
export const membershipRules = {
	studentEnrollment: { group: 'section', file: 'studentEnrollment', role: 'student', entryType: 'SectionStudents' },
	teacherRoster: { group: 'section', file: 'teacherRoster', role: 'teacher', entryType: 'SectionTeachers' },
	schoolStudent: { group: 'school', file: 'student', role: 'student', entryType: 'SchoolStudents' },
	schoolTeacher: { group: 'school', file: 'teacher', role: 'teacher', entryType: 'SchoolTeachers' },
} as const satisfies Readonly<Record<string, MembershipRule>>;

export type MembershipKind = keyof typeof membershipRules;

export const isMembership = (kind: SyncKind): kind is MembershipKind => kind in membershipRules;

export const membershipKinds: readonly MembershipKind[] = syncKinds.filter(isMembership);

/** The file whose rows a kind comes from. */
export const fileOf = (kind: SyncKind): RosterKind => (isMembership(kind) ? membershipRules[kind].file : kind);

/** What comes from the rows of a file: its records, and of people the schools that they are in. */
export const kindsFrom = (file: RosterKind): readonly SyncKind[] => syncKinds.filter((kind) => fileOf(kind) === file);
