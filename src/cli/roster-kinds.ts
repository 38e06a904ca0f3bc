/** The six files of the SDS format, in the order in which records depend on each other, with the words shown for them. */
export const rosterKinds = [
	{ kind: 'school', file: 'School.csv', title: 'Schools' },
	{ kind: 'section', file: 'Section.csv', title: 'Classes' },
	{ kind: 'student', file: 'Student.csv', title: 'Students' },
	{ kind: 'teacher', file: 'Teacher.csv', title: 'Teachers' },
	{ kind: 'studentEnrollment', file: 'StudentEnrollment.csv', title: 'Enrollments' },
	{ kind: 'teacherRoster', file: 'TeacherRoster.csv', title: 'Teacher rosters' },
] as const;

export type RosterKind = (typeof rosterKinds)[number]['kind'];
