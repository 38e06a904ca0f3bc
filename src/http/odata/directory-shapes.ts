import type { DirectoryKind } from '../../directory-ports.ts';
import { attributeMaps, type EntityKind } from '../../domain/sync/records/attribute-map.ts';
import type { QueryShape } from './query-options.ts';

/**
 * What the query options may name in the embedded directory: the properties of Graph's education resources, whether it has them
 * or not, and what a sync writes beside them.
 * https://learn.microsoft.com/graph/api/resources/educationroot?view=graph-rest-beta
 */

const ofAll = ['description', 'externalSource', 'externalSourceDetail', 'createdBy'];

const selectable: Readonly<Record<DirectoryKind, readonly string[]>> = {
	schools: [
		...ofAll,
		...['address', 'phone', 'fax', 'principalName', 'principalEmail', 'externalPrincipalId'],
		...['lowestGrade', 'highestGrade', 'schoolNumber'],
		...written('school'),
	],
	classes: [
		...ofAll,
		...['mailNickname', 'classCode', 'externalName', 'grade', 'term', 'course'],
		...written('section'),
	],
	users: [
		...ofAll,
		...['mail', 'mailNickname', 'givenName', 'middleName', 'surname', 'primaryRole', 'student', 'teacher'],
		...['accountEnabled', 'userType', 'passwordPolicies', 'passwordProfile', 'usageLocation', 'preferredLanguage'],
		...['department', 'officeLocation', 'businessPhones', 'mobilePhone', 'mailingAddress', 'residenceAddress'],
		...['assignedLicenses', 'assignedPlans', 'provisionedPlans', 'onPremisesInfo', 'relatedContacts'],
		...['showInAddressList', 'refreshTokensValidFromDateTime'],
		...written('student'),
		...written('teacher'),
	],
};

/** Among them those of the directory extension, which the answers show. */
function written(kind: EntityKind): string[] {
	return Object.values(attributeMaps[kind]).map((path) => path.split('.', 1)[0] as string);
}

const texts = { externalId: 'string', displayName: 'string' } as const;

/** What a filter may name. */
const properties = {
	schools: texts,
	classes: texts,
	users: { ...texts, userPrincipalName: 'string' },
} as const satisfies Record<DirectoryKind, QueryShape['properties']>;

const reasons = {
	$orderby: 'the directory is stored in order of ids, and each page of another order would take a reading of all of it',
	$skip: 'objects may come and go between two pages; @odata.nextLink goes on after the last one',
};

export interface DirectoryShapes {
	list: QueryShape;
	count: QueryShape;
	object: QueryShape;
}

function shapesOf(kind: DirectoryKind): DirectoryShapes {
	const shape = {
		properties: properties[kind],
		filter: 'textConditions',
		selectable: selectable[kind],
		expandable: kind === 'schools' ? [] : ['schools'],
		reasons,
	} as const;
	return {
		list: { kind: 'pages', ...shape },
		count: { kind: 'count', ...shape },
		object: { kind: 'entity', ...shape },
	};
}

export const directoryShapes: Readonly<Record<DirectoryKind, DirectoryShapes>> = {
	schools: shapesOf('schools'),
	classes: shapesOf('classes'),
	users: shapesOf('users'),
};
