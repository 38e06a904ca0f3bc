import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { GroupsRead } from '../../../directory-ports.ts';
import type { MembershipChange, WriteOutcome } from '../../../domain/directory.ts';
import { disturbed, untilUndisturbed } from '../../../undisturbed.ts';
import { quoted } from '../../table-pages.ts';
import { inParallel } from '../../transactions.ts';
import { partitionOf } from './directory-keys.ts';
import { type ExistingRow, readExisting } from './existing-rows.ts';
import { partitionSlices, trySubmit } from './put-rows.ts';

/**
 * Table `DirectoryMembers`: one row per class, role and source, the members' ids packed as 16 bytes each into binary properties. An
 * enrollment is no entity of its own: a class of thirty is one write.
 */

const idBytes = 16;
/** A binary property holds at most 64 KiB. */
const idsPerProperty = 4096;
/** An entity holds at most 1 MiB; this leaves room for its keys. */
const maxMembers = 15 * idsPerProperty;

const membersKey = (classId: string, role: 'student' | 'teacher', source = '') =>
	`${classId}|${role}|${encodeURIComponent(source)}`;

/** The role is missing in a key that is only a class's id. */
export function readMembersKey(key: string): { classId: string; role?: string | undefined } {
	const [classId, role] = key.split('|') as [string, string | undefined];
	return { classId, role };
}

/** A key that no row of the class comes after. */
export const endOfMembers = (classId: string) => `${classId}|~`;

/** What is to change in one row of packed members. */
export interface MembersChange {
	partitionKey: string;
	rowKey: string;
	/** The object whose members they are, for the outcome. */
	id: string;
	add: readonly string[];
	remove: readonly string[];
	wantsOthers?: boolean | undefined;
}

/** What a source removes goes from those of no known source, too. */
export async function changeMembers(
	table: TableClient,
	tenantId: string,
	changes: readonly MembershipChange[],
): Promise<WriteOutcome[]> {
	if (changes.some(({ source = '' }) => source === '')) await markUnsourced(table, tenantId);
	const concerned = changes.filter(
		({ source = '', remove, wantsOthers }) => source !== '' && (remove.length > 0 || wantsOthers),
	);
	const unsourced = concerned.length > 0 && (await hasUnsourced(table, tenantId)) ? concerned : [];
	const rows = [...changes, ...unsourced.map((change) => ({ ...change, source: '', add: [] }))];
	const outcomes = await changeMemberRows(
		table,
		rows.map(({ classId, role, source, ...change }) => ({
			partitionKey: partitionOf(tenantId, classId),
			rowKey: membersKey(classId, role, source),
			id: classId,
			...change,
		})),
	);
	const further = new Map(unsourced.map((change, at) => [change, outcomes[changes.length + at]]));
	return changes.map((change, at) => togetherWith(outcomes[at] as WriteOutcome, further.get(change), change));
}

function togetherWith(own: WriteOutcome, further: WriteOutcome | undefined, { add }: MembershipChange): WriteOutcome {
	if (!own.ok || !further?.ok) return own;
	const others =
		own.others && [...new Set([...own.others, ...(further.others ?? [])])].filter((id) => !add.includes(id));
	return { ...own, changed: own.changed || further.changed, ...(others ? { others } : {}) };
}

/** Not among the rows of members, which are read from one end of a tenant to the other. */
const unsourcedMark = (tenantId: string) => ({ partitionKey: `unsourced ${tenantId}`, rowKey: 'rows' });

/** Before the rows, so that nobody who sees none misses them: a sync that asked for them of every class would take longer. */
async function markUnsourced(table: TableClient, tenantId: string): Promise<void> {
	await table.upsertEntity(unsourcedMark(tenantId), 'Replace');
}

/** Whether any class has members whom no source is known to have added. */
async function hasUnsourced(table: TableClient, tenantId: string): Promise<boolean> {
	return (await readExisting(table, [unsourcedMark(tenantId)])).size > 0;
}

/** One outcome per change. */
export async function changeMemberRows(table: TableClient, changes: readonly MembersChange[]): Promise<WriteOutcome[]> {
	const outcomes = new Array<WriteOutcome>(changes.length);
	const planned = changes.map((change, at) => ({ ...change, at }));
	await inParallel(partitionSlices(planned), async (slice) => {
		const results = await changeSlice(table, slice);
		for (const [index, { at }] of slice.entries()) outcomes[at] = results[index] as WriteOutcome;
	});
	return outcomes;
}

/** One transaction for up to 100 rows: optimistic for new ones, then read, merged and written only if nobody else has. */
async function changeSlice(table: TableClient, slice: readonly MembersChange[]): Promise<WriteOutcome[]> {
	// Who adds nobody writes nothing, and would not notice that there is a row.
	let mayExist = slice.some(({ add, remove }) => remove.length > 0 || add.length === 0);
	return untilUndisturbed('change the members of classes and schools', async () => {
		const existing = mayExist ? await readExisting(table, slice) : noRows;
		mayExist = true;
		const merged = slice.map((change) => mergeMembers(change, existing.get(change.rowKey)));
		const actions = merged.flatMap(({ action }) => (action ? [action] : []));
		return (await trySubmit(table, actions)) ? merged.map(({ outcome }) => outcome) : disturbed;
	});
}

const noRows: ReadonlyMap<string, ExistingRow> = new Map();

function mergeMembers(
	change: MembersChange,
	row: ExistingRow | undefined,
): { outcome: WriteOutcome; action?: TransactionAction } {
	const { id, partitionKey, rowKey, add, remove, wantsOthers } = change;
	const before = row ? unpackMembers(row) : [];
	const members = new Set(before);
	for (const member of remove) members.delete(member);
	for (const member of add) members.add(member);
	if (members.size > maxMembers) {
		const message = `The class would have ${members.size} members, and at most ${maxMembers} fit. Split the section.`;
		return { outcome: { ok: false, code: 'UnSpecified', message } };
	}
	const others = wantsOthers ? { others: withoutNamed(before, change) } : {};
	const isSame = members.size === before.length && before.every((member) => members.has(member));
	if (isSame) return { outcome: { ok: true, id, changed: false, ...others } };
	const entity = { partitionKey, rowKey, ...packMembers([...members]) };
	const action: TransactionAction = row
		? ['update', entity, 'Replace', { etag: row.etag as string }]
		: ['create', entity];
	return { outcome: { ok: true, id, changed: true, ...others }, action };
}

function withoutNamed(members: readonly string[], { add, remove }: MembersChange): string[] {
	const named = new Set([...add, ...remove]);
	return members.filter((id) => !named.has(id));
}

/** Of each class, in the order given: the members of a role, but for whom another source has added. */
export async function classMembers(
	table: TableClient,
	tenantId: string,
	{ ids, role, source }: GroupsRead,
): Promise<string[][]> {
	if (source === undefined) return membersOfAll(table, tenantId, { ids, role });
	const sources = (await hasUnsourced(table, tenantId)) ? [source, ''] : [source];
	const members = await Promise.all(
		sources.map((each) =>
			membersIn(
				table,
				ids.map((id) => ({ partitionKey: partitionOf(tenantId, id), rowKey: membersKey(id, role, each) })),
			),
		),
	);
	return ids.map((_, at) => [...new Set(members.flatMap((some) => some[at] ?? []))]);
}

/** Of each row, in the order given: none where there is no such row. */
export async function membersIn(
	table: TableClient,
	rows: readonly { partitionKey: string; rowKey: string }[],
): Promise<string[][]> {
	const members = rows.map((): string[] => []);
	const placed = rows.map((row, at) => ({ ...row, at }));
	await inParallel(partitionSlices(placed), async (slice) => {
		const existing = await readExisting(table, slice);
		for (const { rowKey, at } of slice) members[at] = unpackMembers(existing.get(rowKey) ?? {});
	});
	return members;
}

/** Of each class, in the order given: the members of a role, of whatever source. */
async function membersOfAll(
	table: TableClient,
	tenantId: string,
	{ ids, role }: Pick<GroupsRead, 'ids' | 'role'>,
): Promise<string[][]> {
	const members = ids.map(() => new Set<string>());
	await inParallel([...ids.entries()], async ([at, id]) => {
		const first = membersKey(id, role);
		const range = `RowKey ge ${quoted(first)} and RowKey lt ${quoted(`${first}~`)}`;
		const filter = `PartitionKey eq ${quoted(partitionOf(tenantId, id))} and ${range}`;
		for await (const row of table.listEntities({ queryOptions: { filter } }))
			for (const member of unpackMembers(row)) members[at]?.add(member);
	});
	return members.map((each) => [...each]);
}

function packMembers(ids: readonly string[]): Record<string, Uint8Array> {
	const properties: Record<string, Uint8Array> = {};
	for (let part = 0; part * idsPerProperty < ids.length; part++) {
		const slice = ids.slice(part * idsPerProperty, (part + 1) * idsPerProperty);
		properties[`ids${part}`] = Uint8Array.from(Buffer.from(slice.join('').replaceAll('-', ''), 'hex'));
	}
	return properties;
}

/** The ids in a row, in the order in which they were added. */
export function unpackMembers(row: object): string[] {
	const ids: string[] = [];
	const properties = row as Record<string, unknown>;
	for (let part = 0; properties[`ids${part}`] instanceof Uint8Array; part++) {
		const hex = Buffer.from(properties[`ids${part}`] as Uint8Array).toString('hex');
		for (let at = 0; at < hex.length; at += idBytes * 2) ids.push(formatId(hex.slice(at, at + idBytes * 2)));
	}
	return ids;
}

/** Whether the id is in a row. */
export function hasMember(row: object, id: string): boolean {
	const wanted = Buffer.from(id.replaceAll('-', ''), 'hex');
	const properties = row as Record<string, unknown>;
	for (let part = 0; properties[`ids${part}`] instanceof Uint8Array; part++) {
		const packed = properties[`ids${part}`] as Uint8Array;
		const ids = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
		for (let at = ids.indexOf(wanted); at >= 0; at = ids.indexOf(wanted, at + 1)) if (at % idBytes === 0) return true;
	}
	return false;
}

const formatId = (hex: string) =>
	`${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
