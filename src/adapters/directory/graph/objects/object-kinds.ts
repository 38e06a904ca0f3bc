import type { RekeyedObject } from '../../../../domain/directory.ts';

export type ObjectKind = RekeyedObject['kind'];

/** Of the directory extension of School Data Sync, which an older sync of the tenant may have written. */
const extension = 'extension_fe2174665583431c953114ff7268b7b3_Education_';
export const anchorProperty = `${extension}AnchorId`;

interface KindOfObject {
	/** Where its objects are made and changed. */
	path: string;
	/** Where the SIS id is. */
	idProperty: string;
	/** All that a put looks at. */
	select: readonly string[];
	/** Where the same objects have the attributes of School Data Sync. */
	plainPath: string;
	/** How School Data Sync marked the object of a SIS id, newer and older. */
	anchors: readonly string[];
}

const shared = ['id', 'displayName', 'externalSource', 'externalSourceDetail'] as const;

const user = {
	path: '/education/users',
	plainPath: '/users',
	select: [
		...shared,
		...['userPrincipalName', 'mailNickname', 'primaryRole', 'student', 'teacher', 'usageLocation', 'assignedLicenses'],
		...['givenName', 'surname', 'middleName'],
	],
} as const;

/** https://learn.microsoft.com/graph/api/resources/education-overview */
export const objectKinds: Readonly<Record<ObjectKind, KindOfObject>> = {
	school: {
		path: '/education/schools',
		idProperty: 'externalId',
		select: [
			...shared,
			...['externalId', 'externalPrincipalId', 'principalName', 'principalEmail', 'lowestGrade', 'highestGrade'],
			...['schoolNumber', 'phone', 'address'],
		],
		plainPath: '/directory/administrativeUnits',
		anchors: ['School_'],
	},
	section: {
		path: '/education/classes',
		idProperty: 'externalId',
		select: [...shared, 'externalId', 'externalName', 'mailNickname', 'classCode', 'term', 'course'],
		plainPath: '/groups',
		anchors: ['Section_'],
	},
	student: { ...user, idProperty: 'student/externalId', anchors: ['Student_', 'User_'] },
	teacher: { ...user, idProperty: 'teacher/externalId', anchors: ['Teacher_', 'User_'] },
};

/** An object as Graph shows it. */
export type GraphObject = Readonly<Record<string, unknown>> & { id: string };

export const isUserKind = (kind: ObjectKind): kind is 'student' | 'teacher' => kind === 'student' || kind === 'teacher';

/** What the object is called by a source now; empty if it is nobody's. */
export function externalIdOf(kind: ObjectKind, object: GraphObject): string {
	const id = isUserKind(kind) ? (object[kind] as { externalId?: unknown } | null)?.externalId : object.externalId;
	return typeof id === 'string' ? id : '';
}

/** A text within a filter, within a path. */
export const filterOf = (property: string, value: string): string =>
	encodeURIComponent(`${property} eq '${value.replaceAll("'", "''")}'`);

export const objectPath = (kind: ObjectKind, id: string) => `${objectKinds[kind].path}/${encodeURIComponent(id)}`;
