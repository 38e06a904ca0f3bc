import type { TableClient } from '@azure/data-tables';
import type { WriteOutcome } from '../../../../domain/directory.ts';
import { toColumns } from '../directory-columns.ts';
import { partitionOf } from '../directory-keys.ts';
import { readExisting } from '../existing-rows.ts';
import { type Merging, putRows, type RowPut } from '../put-rows.ts';
import type { DirectoryNames } from './directory-names.ts';

/** A user that is to have a sign-in name, be it new or there already under another one. */
export interface NamedUser {
	id: string;
	name: string;
	row: RowPut;
}

interface RenameScope {
	tenantId: string;
	names: DirectoryNames;
	table: TableClient;
}

/** A user that cannot have its name yet. */
interface Waiting extends NamedUser {
	/** Who has the name. */
	holder: string;
}

/**
 * Writes users once they have their names, so that two can never share one. A name that another user of the call gives up is free as
 * soon as that one has its own: chains follow each other, and where users exchange their names, one of them goes by a name of its own
 * for a moment. Repeatable at any point.
 */
export async function createUsers(scope: RenameScope, users: readonly NamedUser[]): Promise<WriteOutcome[]> {
	let waiting: readonly Waiting[] = users.map((user) => ({ ...user, holder: '' }));
	const written = new Set<NamedUser['row']>();
	const moved = new Set<string>();
	while (waiting.length > 0) {
		const { granted, refused } = await claim(scope, waiting);
		await putRows(scope.table, rowsOf(granted), { before: releaseOldNames(scope, granted) });
		for (const { row } of granted) written.add(row);
		waiting = refused;
		const freed = new Set(granted.map(({ id }) => id));
		if (refused.some(({ holder }) => freed.has(holder))) continue;
		const movers = oneOfEachCircle(refused).filter(({ id }) => !moved.has(id));
		if (movers.length === 0) break;
		await standAside(scope, movers);
		for (const { id } of movers) moved.add(id);
	}
	const told = await holdersOf(scope, waiting);
	const failures = new Map(waiting.map(({ row, holder }) => [row, nameIsTaken(told.get(holder))]));
	return users.map(({ id, row }) =>
		written.has(row) ? { ok: true, id, changed: true } : (failures.get(row) as WriteOutcome),
	);
}

const rowsOf = (users: readonly NamedUser[]) => users.map(({ row }) => row);

async function claim(
	{ tenantId, names }: RenameScope,
	users: readonly Waiting[],
): Promise<{ granted: readonly NamedUser[]; refused: readonly Waiting[] }> {
	const held = await names.claim(
		tenantId,
		users.map(({ id, name }) => ({ name, userId: id })),
	);
	const refused = users.flatMap((user, at) => {
		const holder = held.get(at);
		return holder === undefined ? [] : [{ ...user, holder }];
	});
	return { granted: users.filter((_, at) => !held.has(at)), refused };
}

/** Before the rows take new names, so that a crash in between is made good by the repetition. */
function releaseOldNames(
	{ names, tenantId }: RenameScope,
	users: readonly NamedUser[],
): NonNullable<Merging['before']> {
	const newNames = new Map(users.map(({ id, name }) => [id, name]));
	return async (existing) => {
		for (const [userId, row] of existing) {
			const oldName = nameOf(row);
			const newName = newNames.get(userId);
			if (oldName === undefined || newName === undefined) continue;
			if (oldName.toLowerCase() !== newName.toLowerCase()) await names.release(tenantId, { name: oldName, userId });
		}
	};
}

function nameOf(row: Readonly<Record<string, unknown>>): string | undefined {
	return typeof row.g_userPrincipalName === 'string' ? (JSON.parse(row.g_userPrincipalName) as string) : undefined;
}

/** Each waits for the next one's name, and the last for the first one's. Who waits for somebody else is in none. */
function oneOfEachCircle(waiting: readonly Waiting[]): Waiting[] {
	const byId = new Map(waiting.map((user) => [user.id, user]));
	const seen = new Set<string>();
	const found: Waiting[] = [];
	for (const start of waiting) {
		const path = new Set<string>();
		let at: Waiting | undefined = start;
		while (at && !seen.has(at.id) && !path.has(at.id)) {
			path.add(at.id);
			at = byId.get(at.holder);
		}
		if (at && path.has(at.id)) found.push(at);
		for (const id of path) seen.add(id);
	}
	return found;
}

/** Gives each a name that nobody else can have, and its old one up. */
async function standAside(scope: RenameScope, movers: readonly Waiting[]): Promise<void> {
	const aside = movers.map(({ id, name }): Waiting => {
		const temporary = `renaming-${id}@${name.split('@')[1] ?? 'invalid'}`;
		const row = {
			partitionKey: partitionOf(scope.tenantId, id),
			rowKey: id,
			columns: nameColumns(temporary),
			columnsOnCreate: {},
		};
		return { id, name: temporary, row, holder: '' };
	});
	const { granted } = await claim(scope, aside);
	await putRows(scope.table, rowsOf(granted), { before: releaseOldNames(scope, granted) });
}

/** A user's sign-in name, and what goes with it. */
export function nameColumns(userPrincipalName: string) {
	return toColumns({
		userPrincipalName,
		mail: userPrincipalName,
		mailNickname: userPrincipalName.split('@')[0] as string,
	});
}

/** Who has the names, in words, by id. */
async function holdersOf(scope: RenameScope, waiting: readonly Waiting[]): Promise<ReadonlyMap<string, string>> {
	const told = new Map<string, string>();
	const ids = [...new Set(waiting.map(({ holder }) => holder))];
	for (const rowKey of ids) {
		const row = (await readExisting(scope.table, [{ partitionKey: partitionOf(scope.tenantId, rowKey), rowKey }])).get(
			rowKey,
		);
		if (row) told.set(rowKey, wordsOf(row));
	}
	return told;
}

const text = (value: unknown): string => (typeof value === 'string' ? String(JSON.parse(value)) : '');

function wordsOf(row: Readonly<Record<string, unknown>>): string {
	const role = text(row.g_primaryRole) || 'user';
	return `${role} "${text(row.g_externalId)}" of profile "${text(row.g_externalSourceDetail)}"`;
}

/** In Graph's words, and then in ours. https://learn.microsoft.com/graph/api/user-post-users */
function nameIsTaken(holder: string | undefined): WriteOutcome {
	const who = holder ? ` It belongs to ${holder}.` : '';
	return {
		ok: false,
		code: 'AzureActiveDirectoryInvalidPropertyValue',
		isNameTaken: true,
		message: `Another object with the same value for property userPrincipalName already exists.${who} Give the record another username, or correct the one that has it.`,
	};
}
