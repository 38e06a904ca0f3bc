import type { DirectoryObject, ObjectKind, Properties } from './directory-object.ts';

/** Begins the names of the attributes in which School Data Sync kept the roster's own values. */
export const sdsPrefix = 'extension_fe2174665583431c953114ff7268b7b3_Education_';

/** Attribute to what the education face shows of it; the second part of a path is within a complex value. */
const shown: Record<ObjectKind, Record<string, string>> = {
	administrativeUnit: {
		SyncSource_SchoolId: 'externalId',
		SchoolNumber: 'schoolNumber',
		LowestGrade: 'lowestGrade',
		HighestGrade: 'highestGrade',
		SchoolPrincipalSyncSourceId: 'externalPrincipalId',
		SchoolPrincipalName: 'principalName',
		SchoolPrincipalEmail: 'principalEmail',
	},
	group: {
		SyncSource_SectionId: 'externalId',
		SectionNumber: 'classCode',
		TermId: 'term/externalId',
		TermName: 'term/displayName',
		SyncSource_CourseId: 'course/externalId',
		CourseName: 'course/displayName',
		CourseNumber: 'course/courseNumber',
		CourseDescription: 'course/description',
		CourseSubject: 'course/subject',
	},
	user: {
		SyncSource_StudentId: 'student/externalId',
		StudentNumber: 'student/studentNumber',
		Grade: 'student/grade',
		GraduationYear: 'student/graduationYear',
		SyncSource_TeacherId: 'teacher/externalId',
		TeacherNumber: 'teacher/teacherNumber',
		MiddleName: 'middleName',
	},
};

const roles: Record<string, string> = { Student: 'student', Teacher: 'teacher' };
const sources: Record<string, string> = { SIS: 'sis', Manual: 'manual' };

/**
 * The change with what it means for the education face: an object to which School Data Sync once gave its attributes is a
 * school, class, student or teacher. The other way round nothing is known of how Graph fills the attributes, so that
 * nothing may rest on it: what the education endpoints write does not appear in them.
 */
export function withEducationFace(kind: ObjectKind, present: Properties, change: Properties): Properties {
	const face: Properties = {};
	for (const [name, value] of Object.entries(change)) {
		if (!name.startsWith(sdsPrefix) || typeof value !== 'string') continue;
		const attribute = name.slice(sdsPrefix.length);
		const [property, member] = (shown[kind][attribute] ?? '').split('/');
		if (member !== undefined && property) {
			face[property] = {
				...(present[property] as object | undefined),
				...(face[property] as object | undefined),
				[member]: value,
			};
		} else if (property) {
			face[property] = value;
		}
		if (attribute === 'SyncSource' && sources[value]) face.externalSource = sources[value];
		if (attribute === 'ObjectType' && kind === 'user' && roles[value]) face.primaryRole = roles[value];
	}
	return { ...face, ...change };
}

const educationTypes: Record<ObjectKind, string> = { group: 'Section', administrativeUnit: 'School', user: 'Student' };

/** Set on what the education endpoints made; no client sees it. */
export const educationMark = '~education';

/** True for classes and schools among groups and administrative units; every user is an educationUser. */
export function isEducation({ kind, properties }: DirectoryObject): boolean {
	if (kind === 'user') return true;
	return properties[educationMark] === true || properties[`${sdsPrefix}ObjectType`] === educationTypes[kind];
}
