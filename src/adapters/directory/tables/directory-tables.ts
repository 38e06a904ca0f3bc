/** The tables of the embedded directory. */
export const directoryTables = {
	schools: 'DirectorySchools',
	classes: 'DirectoryClasses',
	users: 'DirectoryUsers',
	names: 'DirectoryNames',
	members: 'DirectoryMembers',
	schoolMembers: 'DirectorySchoolMembers',
	anchors: 'DirectoryAnchors',
} as const;
