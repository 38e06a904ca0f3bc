import type { Directory } from '../../../directory-ports.ts';
import type {
	DirectoryClass,
	DirectoryUser,
	GraphAttributes,
	MatchProperty,
	RekeyedObject,
	UserAccount,
	WriteOutcome,
} from '../../../domain/directory.ts';
import { before, type StorageAccount } from '../../storage-account.ts';
import { type DirectoryAnchors, directoryAnchors } from './directory-anchors.ts';
import { toColumns } from './directory-columns.ts';
import { estimateOf } from './directory-estimate.ts';
import { anchorOf, partitionOf } from './directory-keys.ts';
import { changeMembers, classMembers } from './directory-members.ts';
import { changeSchoolMembers, schoolMembers } from './directory-schools.ts';
import { directoryTables } from './directory-tables.ts';
import { type DirectoryNames, directoryNames } from './names/directory-names.ts';
import { createUsers } from './names/directory-renames.ts';
import { nameColumns, whoGoBy } from './names/shown-names.ts';
import { putRows, type RowPut } from './put-rows.ts';
import { describeObjects, showNewIds } from './rekeyed-objects.ts';

/** So long a call without a deadline may take. */
const usualMs = 60_000;

const written = (id: string): WriteOutcome => ({ ok: true, id, changed: true });

/**
 * The embedded directory: of what Microsoft Entra ID would hold, schools, classes, users with their licences, and who is in which
 * class and school. The id of what it creates is made of the source id, so every write can be repeated; a matched user keeps the id that it
 * has, and so does an object whose source id changes. Passwords are not kept at all.
 */
export function tableDirectory(account: StorageAccount, now = () => new Date()): Directory {
	const names = directoryNames(() => account.table(directoryTables.names));
	const anchors = directoryAnchors(() => account.table(directoryTables.anchors));
	return {
		putSchools: (tenantId, schools, deadline) =>
			before(deadline, async () => {
				const ids = await idsOf({ anchors, tenantId }, 'school', schools);
				const rows = schools.map((school, at) => objectRow(tenantId, ids[at] as string, school));
				await putRows(await account.table(directoryTables.schools), rows);
				return rows.map(({ rowKey }) => written(rowKey));
			}),

		putClasses: (tenantId, classes, deadline) =>
			before(deadline, async () => {
				const ids = await idsOf({ anchors, tenantId }, 'section', classes);
				const rows = classes.map((each, at) => classRow(tenantId, ids[at] as string, each));
				await putRows(await account.table(directoryTables.classes), rows);
				return rows.map(({ rowKey }) => written(rowKey));
			}),

		putUsers: (tenantId, users, deadline) =>
			before(deadline, (moment) => {
				const until = moment ?? new Date(now().getTime() + usualMs);
				return putUsers({ account, names, anchors, tenantId, now: now(), until }, users);
			}),

		changeMembers: (tenantId, changes, deadline) =>
			before(deadline, async () => changeMembers(await account.table(directoryTables.members), tenantId, changes)),

		async classMembers(tenantId, classes) {
			return classMembers(await account.table(directoryTables.members), tenantId, classes);
		},

		async schoolMembers(tenantId, schools) {
			return schoolMembers(await account.table(directoryTables.schoolMembers), tenantId, schools);
		},

		changeSchoolMembers: (tenantId, changes, deadline) =>
			before(deadline, async () =>
				changeSchoolMembers(await account.table(directoryTables.schoolMembers), tenantId, changes),
			),

		estimate: estimateOf,

		async usersNamed(tenantId, { property, values }) {
			const by = lookUps[property];
			if (by === undefined) return values.map(() => undefined);
			const owners =
				by === 'name'
					? (await names.holders(tenantId, values)).map((id) => (id === undefined ? [] : [id]))
					: await names.find(tenantId, values, by);
			const table = await account.table(directoryTables.users);
			const found = await whoGoBy({ table, tenantId }, { values, by }, owners);
			return found.map((ids) => (ids.length === 1 ? ids[0] : undefined));
		},

		describe: (tenantId, objects) => describeObjects({ account, tenantId }, objects),

		rekey: (tenantId, { source, objects }, deadline) =>
			before(deadline, async () => {
				// The new ids lead to the objects before these say that they have them.
				await anchors.move(tenantId, source, objects);
				await showNewIds({ account, tenantId }, objects);
			}),
	};
}

function idsOf(
	{ anchors, tenantId }: Pick<UserScope, 'anchors' | 'tenantId'>,
	kind: RekeyedObject['kind'],
	records: readonly Pick<PutObject, 'externalId' | 'externalSourceDetail'>[],
): Promise<readonly string[]> {
	return anchors.idsOf(
		tenantId,
		records.map(({ externalId, externalSourceDetail }) => ({
			anchor: anchorOf(kind, externalId),
			source: externalSourceDetail,
		})),
	);
}

interface PutObject {
	externalId: string;
	externalSourceDetail: string;
	displayName: string;
	updatesDisplayName: boolean;
	attributes: GraphAttributes;
}

function objectRow(tenantId: string, id: string, wanted: PutObject): RowPut {
	const displayName = toColumns({ displayName: wanted.displayName });
	return {
		partitionKey: partitionOf(tenantId, id),
		rowKey: id,
		columns: {
			// Column by column, so that both may fill the same nested object.
			...toColumns(wanted.attributes),
			...toColumns({
				externalId: wanted.externalId,
				externalSource: 'sis',
				externalSourceDetail: wanted.externalSourceDetail,
			}),
			...(wanted.updatesDisplayName ? displayName : {}),
		},
		columnsOnCreate: displayName,
	};
}

function classRow(tenantId: string, id: string, wanted: DirectoryClass): RowPut {
	const { mailNickname, schoolId, displayName: externalName } = wanted;
	const row = objectRow(tenantId, id, wanted);
	return { ...row, columns: { ...row.columns, ...toColumns({ mailNickname, externalName }), schoolId } };
}

interface UserScope {
	account: StorageAccount;
	names: DirectoryNames;
	anchors: DirectoryAnchors;
	tenantId: string;
	now: Date;
	until: Date;
}

type CreatedUser = DirectoryUser & { account: Extract<UserAccount, { mode: 'create' }> };
type MatchedUser = DirectoryUser & { account: Extract<UserAccount, { mode: 'match' }> };

const isCreated = (user: DirectoryUser): user is CreatedUser => user.account.mode === 'create';

/** All users of one call come from one profile, so they are all created or all matched. */
async function putUsers(scope: UserScope, users: readonly DirectoryUser[]): Promise<WriteOutcome[]> {
	if (!users.every(isCreated)) return matchUsers(scope, users as readonly MatchedUser[]);
	const { tenantId, names, anchors, now, until } = scope;
	const ids = await anchors.idsOf(
		tenantId,
		users.map(({ role, externalId, externalSourceDetail }) => ({
			anchor: anchorOf(role, externalId),
			source: externalSourceDetail,
		})),
	);
	const created = users.map((user, at) => ({
		id: ids[at] as string,
		name: user.account.userPrincipalName,
		row: createdUserRow(tenantId, ids[at] as string, user),
	}));
	const table = await scope.account.table(directoryTables.users);
	return createUsers({ tenantId, names, table, now, until }, created);
}

function createdUserRow(tenantId: string, id: string, user: CreatedUser): RowPut {
	const { userPrincipalName, displayName } = user.account;
	const row = objectRow(tenantId, id, { ...user, displayName });
	return {
		...row,
		columns: { ...row.columns, ...toColumns(userProperties(user)), ...nameColumns(userPrincipalName) },
		columnsOnCreate: { ...row.columnsOnCreate, ...toColumns({ accountEnabled: true }) },
	};
}

/** Licences are those of the last profile that wrote the user. */
function userProperties({ role, externalId, skuIds }: DirectoryUser): GraphAttributes {
	return {
		primaryRole: role,
		[role]: { externalId },
		...(skuIds.length > 0 ? { assignedLicenses: skuIds.map((skuId) => ({ skuId, disabledPlans: [] })) } : {}),
	};
}

/** Writes onto users that exist already; a record that finds none, or several, is refused. */
async function matchUsers(scope: UserScope, users: readonly MatchedUser[]): Promise<WriteOutcome[]> {
	const { tenantId } = scope;
	const property = users[0]?.account.property ?? 'userPrincipalName';
	const by = lookUps[property];
	if (by === undefined) return users.map(() => unknownProperty(property));
	const table = await scope.account.table(directoryTables.users);
	const values = users.map((user) => user.account.value);
	const owners = await scope.names.find(tenantId, values, by);
	const found = await whoGoBy({ table, tenantId }, { values, by }, owners);
	const outcomes = users.map((user, at) => matchOutcome(user, found[at] ?? []));
	const rows = users.flatMap((user, at) => {
		const outcome = outcomes[at];
		return outcome?.ok ? [matchedUserRow(tenantId, outcome.id, user)] : [];
	});
	await putRows(table, rows);
	return outcomes;
}

/** How the accounts of this directory are found; an account's mail is its name, and it has none of the other properties. */
const lookUps: Readonly<Partial<Record<MatchProperty, 'name' | 'nickname'>>> = {
	userPrincipalName: 'name',
	mail: 'name',
	mailNickname: 'nickname',
};

const unknownProperty = (property: MatchProperty): WriteOutcome => ({
	ok: false,
	code: 'UnsynchronizableChange',
	message: `No account can be found by ${property}: the embedded directory does not hold it. Match by one of ${Object.keys(lookUps).join(', ')}.`,
});

function matchOutcome({ role }: DirectoryUser, ids: readonly string[]): WriteOutcome {
	const [id, ...others] = ids;
	const name = role === 'student' ? 'Student' : 'Teacher';
	if (id === undefined) {
		return {
			ok: false,
			code: 'UnsynchronizableChange',
			message: `${name} cannot be updated as no matching entry in Active Directory was found for ${name}.  Verify the identity matching criteria for the profile.`,
		};
	}
	if (others.length > 0) {
		return {
			ok: false,
			code: 'DuplicateTargetEntries',
			message: `${name} cannot be updated as ${ids.length} entries in the directory match. Match by a property that is unique, such as userPrincipalName.`,
		};
	}
	return written(id);
}

function matchedUserRow(tenantId: string, id: string, user: MatchedUser): RowPut {
	const { externalId, externalSourceDetail, attributes } = user;
	const properties = {
		...attributes,
		externalId,
		externalSource: 'sis',
		externalSourceDetail,
		...userProperties(user),
	};
	return {
		partitionKey: partitionOf(tenantId, id),
		rowKey: id,
		columns: { ...toColumns(attributes), ...toColumns(properties) },
		columnsOnCreate: {},
	};
}
