import type { TableClient } from '@azure/data-tables';
import type { GroupsRead } from '../../../directory-ports.ts';
import type { SchoolMembershipChange, WriteOutcome } from '../../../domain/directory.ts';
import { quoted } from '../../table-pages.ts';
import { inParallel } from '../../transactions.ts';
import { firstDigits, slicePartition } from './directory-keys.ts';
import { changeMemberRows, membersIn, unpackMembers } from './directory-members.ts';
import type { DirectoryRow } from './directory-scan.ts';

/**
 * Table `DirectorySchoolMembers`: who is in which school, packed as `DirectoryMembers` has the members of classes. A row is of one
 * school, role and source, and has those people whose ids begin with the digit of its partition: a user's schools stand in one
 * partition, and a school's people are found in order of their ids.
 */

/** Neither ids nor roles have such a letter. */
const separator = '|';

const rowKeyOf = ({ schoolId, role, source }: Pick<SchoolMembershipChange, 'schoolId' | 'role' | 'source'>) =>
	[schoolId, role, encodeURIComponent(source)].join(separator);

const schoolIdIn = (rowKey: string) => rowKey.slice(0, rowKey.indexOf(separator));

/** One outcome per change: what another source has in a school stays. */
export async function changeSchoolMembers(
	table: TableClient,
	tenantId: string,
	changes: readonly SchoolMembershipChange[],
): Promise<WriteOutcome[]> {
	const rows = changes.flatMap((change, at) => {
		const added = Map.groupBy(change.add, digitOf);
		const removed = Map.groupBy(change.remove, digitOf);
		return [...new Set([...added.keys(), ...removed.keys()])].map((digit) => ({
			partitionKey: slicePartition(tenantId, digit),
			rowKey: rowKeyOf(change),
			id: change.schoolId,
			add: added.get(digit) ?? [],
			remove: removed.get(digit) ?? [],
			at,
		}));
	});
	const outcomes: WriteOutcome[] = changes.map(({ schoolId }) => ({ ok: true, id: schoolId, changed: false }));
	for (const [index, outcome] of (await changeMemberRows(table, rows)).entries()) {
		const { at } = rows[index] as (typeof rows)[number];
		if (!outcome.ok || outcome.changed) outcomes[at] = outcome;
	}
	return outcomes;
}

/** Of each school, in the order given: those whom the source has there. */
export async function schoolMembers(
	table: TableClient,
	tenantId: string,
	{ ids, role, source }: GroupsRead & { source: string },
): Promise<string[][]> {
	const rows = ids.flatMap((schoolId) =>
		firstDigits.map((digit) => ({
			partitionKey: slicePartition(tenantId, digit),
			rowKey: rowKeyOf({ schoolId, role, source }),
		})),
	);
	const members = await membersIn(table, rows);
	return ids.map((_, at) => members.slice(at * firstDigits.length, (at + 1) * firstDigits.length).flat());
}

const digitOf = (id: string) => id.charAt(0);

/** Ids of the users of a school, of all sources. */
export async function usersOfSchool(table: TableClient, tenantId: string, schoolId: string): Promise<string[]> {
	const keys = `RowKey ge ${quoted(schoolId + separator)} and RowKey lt ${quoted(`${schoolId}${separator}~`)}`;
	const found = await inParallel(firstDigits, (digit) =>
		rowsOf(table, `PartitionKey eq ${quoted(slicePartition(tenantId, digit))} and ${keys}`),
	);
	return [...new Set(found.flat().flatMap(unpackMembers))];
}

/** Ids of the schools of each of these users. */
export async function schoolsOfUsers(
	table: TableClient,
	tenantId: string,
	userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
	const schools = new Map<string, Set<string>>(userIds.map((id) => [id, new Set()]));
	const digits = new Set(userIds.map(digitOf));
	await inParallel([...digits], async (digit) => {
		for (const row of await rowsOf(table, `PartitionKey eq ${quoted(slicePartition(tenantId, digit))}`)) {
			const schoolId = schoolIdIn(row.rowKey);
			for (const id of unpackMembers(row)) schools.get(id)?.add(schoolId);
		}
	});
	return new Map([...schools].map(([id, ids]) => [id, [...ids].sort()]));
}

async function rowsOf(table: TableClient, filter: string): Promise<DirectoryRow[]> {
	const rows: DirectoryRow[] = [];
	for await (const row of table.listEntities<DirectoryRow>({ queryOptions: { filter } }))
		rows.push(row as DirectoryRow);
	return rows;
}
