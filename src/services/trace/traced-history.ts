import { inactiveHash, incompleteHash, type Snapshot, sameBytes } from '../../domain/sync/history/snapshot.ts';
import type { EntityKind } from '../../domain/sync/records/attribute-map.ts';
import { fieldEnd } from '../../domain/sync/shards/shard-rows.ts';
import { shardHash, shardOf } from '../../domain/sync/shards/sharding.ts';
import type { MembershipKind } from '../../domain/sync/sync-kinds.ts';
import type { MembershipState, TracedRecord } from '../../domain/trace/traced-facts.ts';
import { forEachHeld, readHolds } from '../sync/files/holds.ts';
import { readRekeys } from '../sync/files/rekeyed-files.ts';
import { rekeyedPath } from '../sync/files/roster-paths.ts';
import { readSnapshot } from '../sync/files/snapshots.ts';
import type { TraceScope } from './trace-scope.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type RecordHistory = TracedRecord['history'];

/** What the runs have achieved of some records. Holds one shard at a time. */
export async function recordHistories(
	{ deps, ref, history: files }: TraceScope,
	kind: EntityKind,
	sisIds: Iterable<string>,
): Promise<ReadonlyMap<string, RecordHistory>> {
	const shards = files[kind]?.length ?? 0;
	const found = new Map<string, RecordHistory>();
	if (shards === 0) return found;
	for (const [shard, ids] of Map.groupBy(new Set(sisIds), (id) => shardOf(shardHash(encoder.encode(id)), shards))) {
		const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
		for (const id of ids) found.set(id, historyIn(snapshot, encoder.encode(id)));
	}
	return found;
}

function historyIn(snapshot: Snapshot, key: Uint8Array): RecordHistory {
	const place = snapshot.find(key);
	if (place < 0) return { state: 'notSynced' };
	const directoryId = snapshot.idAt(place);
	if (directoryId === undefined) return { state: 'unknown' };
	const hash = snapshot.hashAt(place);
	if (sameBytes(hash, inactiveHash)) return { state: 'inactive', directoryId };
	return { state: sameBytes(hash, incompleteHash) ? 'incomplete' : 'synced', directoryId };
}

/** Which memberships are looked for: those of these people, in one group or in all. */
export interface MembershipQuery {
	people: readonly string[];
	group?: string;
}

export interface KnownMembership {
	group: string;
	person: string;
	state: MembershipState;
}

/** What the runs have achieved of some memberships. Holds one shard at a time; without a group, every one is looked through. */
export async function membershipHistories(
	{ deps, ref, history: files }: TraceScope,
	kind: MembershipKind,
	{ people, group }: MembershipQuery,
): Promise<KnownMembership[]> {
	const shards = files[kind]?.length ?? 0;
	const all = Array.from({ length: shards }, (_, shard) => shard);
	const looked = group === undefined || shards === 0 ? all : [shardOf(shardHash(encoder.encode(group)), shards)];
	const isWanted = lineTest({ people, ...(group === undefined ? {} : { group }) });
	const found: KnownMembership[] = [];
	for (const shard of looked) {
		const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
		snapshot.forEach((key, place) => {
			if (isWanted(key)) found.push({ ...pairIn(key), state: snapshot.stateAt(place) });
		});
	}
	return found;
}

/** Those whose removal the latest run holds. */
export async function heldMemberships(
	{ deps, latestRun }: TraceScope,
	query: MembershipQuery,
): Promise<(Omit<KnownMembership, 'state'> & { kind: MembershipKind })[]> {
	const found: (Omit<KnownMembership, 'state'> & { kind: MembershipKind })[] = [];
	const isWanted = lineTest(query);
	if (latestRun)
		await forEachHeld(deps, latestRun, (kind, line) => {
			if (isWanted(line)) found.push({ kind, ...pairIn(line) });
		});
	return found;
}

/** Looks up whether a record waits under an old id or a new one, as the latest run holds it. */
export async function waitingNewIds({
	deps,
	latestRun,
}: TraceScope): Promise<(kind: EntityKind, sisId: string) => Pick<TracedRecord, 'newId'>> {
	if (!latestRun) return () => ({});
	const { runId } = latestRun;
	const held = (await readHolds(deps, latestRun)).holds.filter(({ scope }) => scope === 'rekeyed');
	if (held.length === 0) return () => ({});
	const pairs = await readRekeys(deps.rosters, (kind) => rekeyedPath(latestRun, kind));
	return (kind, sisId) => {
		if (!held.some((hold) => hold.kind === kind)) return {};
		const pair = pairs[kind]?.find(({ from, to }) => from === sisId || to === sisId);
		return pair ? { newId: { runId, from: pair.from, to: pair.to } } : {};
	};
}

/** Of a line that is a group and a person. */
function lineTest({ people, group }: MembershipQuery): (line: Uint8Array) => boolean {
	const ends = people.map((person) => encoder.encode(`\x1f${person}`));
	const start = group === undefined ? undefined : encoder.encode(`${group}\x1f`);
	const endsWith = (line: Uint8Array, end: Uint8Array) =>
		line[line.length - end.length] === fieldEnd && sameBytes(line.subarray(line.length - end.length), end);
	return (line) =>
		ends.some((end) => endsWith(line, end)) &&
		(start === undefined || sameBytes(line.subarray(0, start.length), start));
}

function pairIn(line: Uint8Array): { group: string; person: string } {
	const [group = '', person = ''] = decoder.decode(line).split('\x1f');
	return { group, person };
}
