/** The six record kinds of a roster, in the order of verification: a file refers only to files before it. */
export const rosterKinds = ['school', 'section', 'student', 'teacher', 'studentEnrollment', 'teacherRoster'] as const;
export type RosterKind = (typeof rosterKinds)[number];

/** Lower-case, as verification messages report them; uploads may write them in any case. */
export const fileNames: Readonly<Record<RosterKind, string>> = {
	school: 'school.csv',
	section: 'section.csv',
	student: 'student.csv',
	teacher: 'teacher.csv',
	studentEnrollment: 'studentenrollment.csv',
	teacherRoster: 'teacherroster.csv',
};
