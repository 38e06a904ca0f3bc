import type { TableClient } from '@azure/data-tables';
import { quoted } from '../../../table-pages.ts';
import { inParallel } from '../../../transactions.ts';
import { partitionOf } from '../../tables/directory-keys.ts';
import { changeMemberRows, unpackMembers } from '../../tables/directory-members.ts';

export type Role = 'student' | 'teacher';

/** Of one class or school: who was added as what, and by which source; the source is empty where it is not known. */
export type KnownMembers = readonly { role: Role; source: string; ids: ReadonlySet<string> }[];

interface GroupRecord {
	members: KnownMembers;
	/** When somebody was removed last. */
	removedAt: Date | undefined;
}

export interface SourceChange {
	groupId: string;
	role: Role;
	source: string;
	add: readonly string[];
	remove: readonly string[];
}

/**
 * Who has brought whom into a class or school. Microsoft Entra ID does not tell, and what one profile removes another may have there. One
 * row for each group, role and source, packed as the embedded directory packs its members.
 */
export interface MemberSources {
	/** Of each group, in the order given. */
	read(tenantId: string, groupIds: readonly string[]): Promise<readonly GroupRecord[]>;
	/** One answer for each: whether anything is another now. */
	change(tenantId: string, changes: readonly SourceChange[]): Promise<readonly boolean[]>;
	/** Somebody is about to be removed from these. */
	markRemoval(tenantId: string, groupIds: readonly string[]): Promise<void>;
}

const membersKey = (groupId: string, role: Role, source: string) => `${groupId}|${role}|${encodeURIComponent(source)}`;

/** No role begins like that. */
const removalKey = (groupId: string) => `${groupId}|-removed`;

export function memberSources(open: () => Promise<TableClient>): MemberSources {
	return {
		async read(tenantId, groupIds) {
			const table = await open();
			return inParallel(
				groupIds,
				(groupId) => readGroup(table, partitionOf(tenantId, groupId), groupId),
				parallelReads,
			);
		},

		async change(tenantId, changes) {
			const needed = changes.filter(({ add, remove }) => add.length + remove.length > 0);
			const rows = needed.map(({ groupId, role, source, add, remove }) => ({
				partitionKey: partitionOf(tenantId, groupId),
				rowKey: membersKey(groupId, role, source),
				id: groupId,
				...{ add, remove },
			}));
			const outcomes = await changeMemberRows(await open(), rows);
			const changed = new Map(needed.map((change, at) => [change, outcomes[at]]));
			return changes.map((change) => {
				const outcome = changed.get(change);
				if (outcome && !outcome.ok) throw new Error(outcome.message);
				return outcome?.changed === true;
			});
		},

		async markRemoval(tenantId, groupIds) {
			const table = await open();
			await inParallel([...new Set(groupIds)], async (groupId) => {
				const row = { partitionKey: partitionOf(tenantId, groupId), rowKey: removalKey(groupId) };
				await table.upsertEntity(row, 'Replace');
			});
		},
	};
}

const parallelReads = 12;

async function readGroup(table: TableClient, partition: string, groupId: string): Promise<GroupRecord> {
	const range = `RowKey ge ${quoted(`${groupId}|`)} and RowKey lt ${quoted(`${groupId}|~`)}`;
	const rows = table.listEntities<{ timestamp?: string; rowKey: string }>({
		queryOptions: { filter: `PartitionKey eq ${quoted(partition)} and ${range}` },
	});
	const members: KnownMembers[number][] = [];
	let removedAt: Date | undefined;
	for await (const row of rows) {
		if (row.rowKey === removalKey(groupId)) {
			removedAt = new Date(String(row.timestamp));
			continue;
		}
		const [, role, source = ''] = row.rowKey.split('|') as [string, Role, string | undefined];
		members.push({ role, source: decodeURIComponent(source), ids: new Set(unpackMembers(row)) });
	}
	return { members, removedAt };
}
