import type { Slice } from '../../../domain/sync/course.ts';
import { forEachPlanLine, isRemoval, planOps } from '../../../domain/sync/plan.ts';
import { unknownPerson } from '../../../domain/sync/shards/shard-rows.ts';
import { type MembershipKind, membershipRules } from '../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../ports.ts';
import { requireHistory } from '../files/histories.ts';
import { readSnapshot } from '../files/snapshots.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { readPlans } from './planned-removals.ts';

interface Planned {
	kind: MembershipKind;
	plans: readonly Slice[];
}

/** Per call of the directory. */
const peopleAtOnce = 1000;

/**
 * Tells of a removal whether it is of somebody whom only the directory knew when nothing was remembered, and whom the files put there
 * again: nobody loses anything, the account has a line of its own.
 */
export async function returnedMembers(
	deps: SyncDeps,
	ref: SyncRef,
	{ kind, plans }: Planned,
): Promise<(line: Uint8Array) => boolean> {
	const strangers = await strangersIn(deps, ref, plans);
	if (strangers.length === 0) return () => false;
	const sisIds = await sisIdsOf(deps, ref, {
		kind,
		userIds: [...new Set(strangers.map(({ userId }) => userId))],
	});
	const named = strangers.flatMap(({ line, group, userId }) => {
		const sisId = sisIds.get(userId);
		return sisId === undefined ? [] : [{ line, membership: `${group}\x1f${sisId}` }];
	});
	const wanted = await wantedOf(deps, ref, {
		kind,
		plans,
		memberships: new Set(named.map(({ membership }) => membership)),
	});
	const returned = new Set(named.flatMap(({ line, membership }) => (wanted.has(membership) ? [line] : [])));
	return (line) => returned.size > 0 && returned.has(textOf(line));
}

async function strangersIn(deps: SyncDeps, ref: SyncRef, plans: readonly Slice[]) {
	const strangers: { line: string; group: string; userId: string }[] = [];
	for await (const plan of readPlans(deps, ref, plans))
		forEachPlanLine(plan, (op, bytes) => {
			if (op !== planOps.expel) return;
			const line = textOf(bytes);
			const [group = '', person = ''] = line.split('\x1f');
			if (person.startsWith(unknownPerson)) strangers.push({ line, group, userId: person.slice(unknownPerson.length) });
		});
	return strangers;
}

/** Of accounts that are the profile's own. */
async function sisIdsOf(
	{ directory }: SyncDeps,
	{ tenantId, profileId }: SyncRef,
	{ kind, userIds }: { kind: MembershipKind; userIds: readonly string[] },
): Promise<ReadonlyMap<string, string>> {
	const { role } = membershipRules[kind];
	const sisIds = new Map<string, string>();
	for (let start = 0; start < userIds.length; start += peopleAtOnce) {
		const ids = userIds.slice(start, start + peopleAtOnce);
		const known = await directory.describe(tenantId, { kind: role, ids });
		for (const [at, id] of ids.entries()) {
			const { externalId, externalSourceDetail } = known[at] ?? {};
			if (externalId !== undefined && externalSourceDetail === profileId) sisIds.set(id, externalId);
		}
	}
	return sisIds;
}

/** Which of these memberships the files have: those that are to be added, and those that are there and stay. */
async function wantedOf(
	deps: SyncDeps,
	ref: SyncRef,
	{ kind, plans, memberships }: Planned & { memberships: ReadonlySet<string> },
): Promise<ReadonlySet<string>> {
	const wanted = new Set<string>();
	if (memberships.size === 0) return wanted;
	const { files } = await requireHistory(deps, ref);
	for (const shard of (files[kind] ?? []).keys()) {
		const snapshot = await readSnapshot(deps, ref.profileId, { files, kind, shard });
		for (const membership of memberships) {
			const place = snapshot.find(new TextEncoder().encode(membership));
			if (place >= 0 && snapshot.stateAt(place) === 'there') wanted.add(membership);
		}
	}
	for await (const plan of readPlans(deps, ref, plans))
		forEachPlanLine(plan, (op, line) => {
			const membership = textOf(line);
			if (!memberships.has(membership)) return;
			if (isRemoval(op)) wanted.delete(membership);
			else wanted.add(membership);
		});
	return wanted;
}

const decoder = new TextDecoder();
const textOf = (line: Uint8Array) => decoder.decode(line);
