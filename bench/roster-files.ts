export const rosterFiles = ['School', 'Section', 'Student', 'Teacher', 'StudentEnrollment', 'TeacherRoster'] as const;
export type RosterFile = (typeof rosterFiles)[number];
