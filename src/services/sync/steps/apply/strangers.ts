import type { HistoryRecord } from '../../../../domain/sync/history/history.ts';
import { unknownPerson } from '../../../../domain/sync/shards/shard-rows.ts';
import { type MembershipKind, membershipRules } from '../../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../../ports.ts';
import { readAllSnapshots } from '../../files/snapshots.ts';
import type { SyncDeps } from '../../sync-deps.ts';

/** A member of a class or school whom the directory has though no file says so. */
export interface Stranger {
	/** SIS id of the class or school. */
	group: string;
	/** Directory id. */
	userId: string;
}

interface StrangerScope {
	ref: SyncRef & { kind: MembershipKind };
	history: HistoryRecord;
}

/** The keys by which a history knows them: with the SIS id, of people whom the files know. */
export async function keysOfStrangers(
	deps: SyncDeps,
	{ ref, history }: StrangerScope,
	strangers: readonly Stranger[],
): Promise<Uint8Array[]> {
	if (strangers.length === 0) return [];
	const { role } = membershipRules[ref.kind];
	const users = await readAllSnapshots(deps, ref.profileId, { files: history.files, kind: role });
	const wanted = new Set(strangers.map(({ userId }) => userId));
	const sisIds = new Map<string, string>();
	users.forEach((key, place) => {
		const id = users.idAt(place);
		if (id !== undefined && wanted.has(id)) sisIds.set(id, new TextDecoder().decode(key));
	});
	const encoder = new TextEncoder();
	return strangers.map(({ group, userId }) =>
		encoder.encode(`${group}\x1f${sisIds.get(userId) ?? unknownPerson + userId}`),
	);
}
