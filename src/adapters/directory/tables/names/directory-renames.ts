import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { WriteOutcome } from '../../../../domain/directory.ts';
import { disturbed, untilUndisturbed } from '../../../../undisturbed.ts';
import { inParallel } from '../../../transactions.ts';
import { nameKey } from '../directory-keys.ts';
import type { ExistingRow } from '../existing-rows.ts';
import { mergeExisting, partitionSlices, putRows, type RowPut, trySubmit } from '../put-rows.ts';
import type { DirectoryNames, OwnedName } from './directory-names.ts';
import { type NameState, type Shares, shareOut, type Wish } from './name-shares.ts';
import { heldName, hiddenName, nameColumns, nameIn, shownName, usersById } from './shown-names.ts';

/** A user that is to have a sign-in name, be it new or there already under another one. */
export interface NamedUser extends Wish {
	row: RowPut;
}

interface RenameScope {
	tenantId: string;
	names: DirectoryNames;
	table: TableClient;
	now: Date;
	/** No request of the call is under way after that. */
	until: Date;
}

/** Names that are shared out, and the rows that were read for it. */
interface Shared extends Shares<Wish> {
	known: ReadonlyMap<string, ExistingRow>;
}

/**
 * Writes users once they have their names. Whoever goes by a name owns it, at any moment, and nobody else can: a name is owned before a row
 * shows it, and no row shows it any more before it goes to somebody else. All names of the call change hands at once, so that it takes no
 * more rounds for long chains and circles; those who give theirs up go by none meanwhile. Repeatable at any point.
 */
export async function createUsers(scope: RenameScope, users: readonly NamedUser[]): Promise<WriteOutcome[]> {
	// A user that the call has twice is as the last of them says.
	const wishes = [...new Map(users.map(({ id, name }) => [id, { id, name }])).values()];
	const { granted, refused, known } = await shareNames(scope, wishes);
	const holders = new Map(refused.map(({ id, holder }) => [id, holder]));
	const rows = users.flatMap(({ id, row }) => (holders.has(id) ? [] : [row]));
	const former = new Map<string, string>();
	await putRows(scope.table, rows, {
		known,
		before: (existing) => {
			for (const [id, row] of existing) former.set(id, nameIn(row) ?? '');
		},
	});
	await release(scope, granted, former);
	if (refused.length > 0) await giveBack(scope, refused);
	const told = await holdersOf(scope, holders.values());
	return users.map(({ id }) => {
		const holder = holders.get(id);
		return holder === undefined ? { ok: true, id, changed: true } : nameIsTaken(told.get(holder));
	});
}

function shareNames(scope: RenameScope, wishes: readonly Wish[]): Promise<Shared> {
	const { names, tenantId, table, until } = scope;
	return untilUndisturbed('give people their sign-in names', async () => {
		const claims = wishes.map(({ id, name }) => ({ name, userId: id }));
		const owned = await names.claim(tenantId, claims, until);
		const owners = [...owned.values()].filter(({ etag }) => etag !== undefined).map(({ userId }) => userId);
		const known = await usersById(table, tenantId, owners);
		const called = new Set(wishes.map(({ id }) => id));
		const states = statesOf(scope, { owned, known, called });
		const shares = shareOut(wishes, states);
		const changing = shares.granted.filter(({ id, name }) => {
			const state = states.get(nameKey(name));
			return owned.get(nameKey(name))?.etag !== undefined && !(state?.owner === id && state.isShown);
		});
		const givers = changing.flatMap(({ name }) => {
			const { owner, isShown } = states.get(nameKey(name)) as NameState;
			const row = known.get(owner);
			return isShown && row ? [row] : [];
		});
		if (!(await hideNames(table, givers))) return disturbed;
		const handovers = changing.map(({ id, name }) => ({
			name,
			to: id,
			etag: owned.get(nameKey(name))?.etag as string,
		}));
		return (await names.handOver(tenantId, handovers, until)) ? { ...shares, known } : disturbed;
	});
}

interface Found {
	owned: ReadonlyMap<string, OwnedName>;
	/** Rows of those who owned a name before. */
	known: ReadonlyMap<string, ExistingRow>;
	/** Ids of all who are to have names. */
	called: ReadonlySet<string>;
}

function statesOf({ now }: RenameScope, { owned, known, called }: Found): ReadonlyMap<string, NameState> {
	return new Map(
		[...owned].map(([key, { userId: owner, until, etag }]) => {
			const row = known.get(owner);
			const isShown = row !== undefined && nameKey(nameIn(row) ?? '') === key;
			const isUnderWay = etag === undefined || until > now;
			// Whoever goes by no name since an exchange broke off would have none for good, if strangers took what he was to have.
			const isOwed = row !== undefined && shownName(row) === undefined && !called.has(owner);
			return [key, { owner, isShown, isReserved: isUnderWay || isOwed }];
		}),
	);
}

/** Answers whether all of them were still as they had been read. */
async function hideNames(table: TableClient, rows: readonly ExistingRow[]): Promise<boolean> {
	const shown = rows.flatMap((row) => {
		const name = shownName(row);
		return name === undefined ? [] : [{ ...row, partitionKey: String(row.partitionKey), name }];
	});
	const isDone = await inParallel(partitionSlices(shown), (slice) =>
		trySubmit(
			table,
			slice.map(({ partitionKey, rowKey, name, etag }): TransactionAction => {
				const entity = { partitionKey, rowKey, ...hiddenName(name) };
				return ['update', entity, 'Merge', { etag: etag as string }];
			}),
		),
	);
	return isDone.every((each) => each);
}

/** After the rows show others: until then nobody else can have them. What a crash leaves is owned by somebody who goes by another name. */
async function release(
	{ names, tenantId }: RenameScope,
	granted: readonly Wish[],
	former: ReadonlyMap<string, string>,
): Promise<void> {
	const taken = new Set(granted.map(({ name }) => nameKey(name)));
	const left = [...former].flatMap(([userId, name]) =>
		name === '' || taken.has(nameKey(name)) ? [] : [{ name, userId }],
	);
	await names.release(tenantId, left);
}

/** Whoever goes by no name, since an exchange broke off, and is refused another one, goes by the last one again if it is to be had. */
async function giveBack(scope: RenameScope, refused: readonly Wish[]): Promise<void> {
	const rows = await usersById(
		scope.table,
		scope.tenantId,
		refused.map(({ id }) => id),
	);
	const wishes = [...rows].flatMap(([id, row]) => {
		const name = shownName(row) === undefined ? heldName(row) : undefined;
		return name === undefined ? [] : [{ id, name }];
	});
	if (wishes.length === 0) return;
	const { granted } = await shareNames(scope, wishes);
	await mergeExisting(
		scope.table,
		granted.map(({ id, name }) => ({
			partitionKey: String(rows.get(id)?.partitionKey),
			rowKey: id,
			columns: nameColumns(name),
			columnsOnCreate: {},
		})),
	);
}

/** Who has the names, in words, by id. */
async function holdersOf(scope: RenameScope, ids: Iterable<string>): Promise<ReadonlyMap<string, string>> {
	const rows = await usersById(scope.table, scope.tenantId, ids);
	return new Map([...rows].map(([id, row]) => [id, wordsOf(row)]));
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
