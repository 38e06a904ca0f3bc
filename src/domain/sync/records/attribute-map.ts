import type { GraphAttributes, GraphValue } from '../../directory.ts';

/**
 * Which Graph property each column becomes. A dot makes a nested object. What the education model has no property for goes
 * into the directory extension of School Data Sync, so that scripts that read those attributes go on working.
 * https://learn.microsoft.com/graph/api/resources/educationuser and its neighbours; the extension's names are those of the
 * public scripts in OfficeDev/O365-EDU-Tools.
 */
const extension = 'extension_fe2174665583431c953114ff7268b7b3_Education_';

export type EntityKind = 'school' | 'section' | 'student' | 'teacher';

type ColumnMap = Readonly<Record<string, string>>;

export const attributeMaps: Readonly<Record<EntityKind, ColumnMap>> = {
	school: {
		'School Number': 'schoolNumber',
		'School NCES_ID': `${extension}SchoolNationalCenterForEducationStatisticsId`,
		'State ID': `${extension}StateId`,
		'Grade Low': 'lowestGrade',
		'Grade High': 'highestGrade',
		'Principal SIS ID': 'externalPrincipalId',
		'Principal Name': 'principalName',
		'Principal Secondary Email': 'principalEmail',
		Address: 'address.street',
		City: 'address.city',
		State: 'address.state',
		Country: 'address.countryOrRegion',
		Zip: 'address.postalCode',
		Phone: 'phone',
		Zone: `${extension}SchoolZone`,
	},
	section: {
		'Section Number': 'classCode',
		'Term SIS ID': 'term.externalId',
		'Term Name': 'term.displayName',
		'Term StartDate': 'term.startDate',
		'Term EndDate': 'term.endDate',
		'Course SIS ID': 'course.externalId',
		'Course Name': 'course.displayName',
		'Course Number': 'course.courseNumber',
		'Course Description': 'course.description',
		'Course Subject': 'course.subject',
		Periods: `${extension}Period`,
		Status: `${extension}Status`,
	},
	student: {
		'First Name': 'givenName',
		'Last Name': 'surname',
		'Middle Name': 'middleName',
		'State ID': `${extension}StateId`,
		'Secondary Email': `${extension}Email`,
		'Student Number': 'student.studentNumber',
		Grade: 'student.grade',
		Status: `${extension}StudentStatus`,
		Birthdate: 'student.birthDate',
		'Graduation Year': 'student.graduationYear',
	},
	teacher: {
		'First Name': 'givenName',
		'Last Name': 'surname',
		'Middle Name': 'middleName',
		'State ID': `${extension}StateId`,
		'Secondary Email': `${extension}Email`,
		'Teacher Number': 'teacher.teacherNumber',
		Status: `${extension}TeacherStatus`,
		Title: `${extension}Title`,
		Qualification: `${extension}TeacherQualification`,
	},
};

/** Graph types these as dates; the CSV may spell them in three ways. */
const dateProperties: ReadonlySet<string> = new Set(['term.startDate', 'term.endDate', 'student.birthDate']);

/** An empty column becomes null, so that a value that was cleared in the source is cleared in the directory. */
export function attributesOf(kind: EntityKind, record: ReadonlyMap<string, string>): GraphAttributes {
	const attributes: Record<string, GraphValue> = {};
	for (const [column, path] of Object.entries(attributeMaps[kind])) {
		const text = record.get(column);
		if (text !== undefined) setPath(attributes, path, graphValue(path, text));
	}
	return attributes;
}

function graphValue(path: string, text: string): string | null {
	if (text === '') return null;
	return dateProperties.has(path) ? isoDate(text) : text;
}

function setPath(target: Record<string, GraphValue>, path: string, value: GraphValue): void {
	const [head, tail] = path.split('.') as [string, string | undefined];
	if (tail === undefined) {
		target[head] = value;
		return;
	}
	target[head] = { ...(target[head] as Record<string, GraphValue> | undefined), [tail]: value };
}

/** `2026-09-01`, `20260901` and `9/1/2026` (month first) become `2026-09-01`; anything else stays as it is. */
function isoDate(text: string): string {
	const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
	if (compact) return `${compact[1]}-${compact[2]}-${compact[3]}`;
	const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
	if (american) return `${american[3]}-${american[1]?.padStart(2, '0')}-${american[2]?.padStart(2, '0')}`;
	return text;
}
