import type { Deadline } from '../../../../directory-ports.ts';
import type { MembershipChange, Refusal, WriteOutcome } from '../../../../domain/directory.ts';
import { membershipStates } from '../../../../domain/sync/history/snapshot.ts';
import { membershipRules } from '../../../../domain/sync/sync-kinds.ts';
import { heldRemovals } from '../../files/holds.ts';
import { readSnapshot } from '../../files/snapshots.ts';
import type { SyncDeps } from '../../sync-deps.ts';
import { type GroupChanges, plannedByGroup, type ResolvedChange, resolveGroups } from './membership-changes.ts';
import type { MembershipScope } from './slice-scope.ts';
import { keysOfStrangers, type Stranger } from './strangers.ts';

/** Per call of the directory. */
const groupsAtOnce = 1000;

/** What came of a slice of memberships. */
interface Applied {
	/** Classes or schools that the directory had to write. */
	writes: number;
	held: number;
	/** Memberships that wait for somebody whose own error says why. */
	waiting: number;
}

/**
 * A slice of memberships. All that changes in a class stands in one slice, so one write changes it. Idempotent: adding a member twice
 * and removing a stranger are no changes.
 */
export async function applyMemberships(deps: SyncDeps, scope: MembershipScope): Promise<Applied> {
	const { ref, plan, lease, report } = scope;
	const isHeld = await heldRemovals(deps, ref, ref.kind);
	const { byGroup, held } = plannedByGroup(plan, isHeld);
	const { groups, waiting } = await resolveGroups(deps, scope, byGroup);
	let writes = 0;
	let done = scope.failures.count + waiting;
	for (let start = 0; start < groups.length; start += groupsAtOnce) {
		const some = groups.slice(start, start + groupsAtOnce);
		writes += await writeGroups(deps, scope, { groups: some, deadline: lease.renew });
		done += some.reduce((sum, { changes }) => sum + changes.length, 0);
		await report(done);
	}
	await report(held + [...byGroup.values()].reduce((sum, changes) => sum + changes.length, 0));
	return { writes, held, waiting };
}

async function writeGroups(
	deps: SyncDeps,
	scope: MembershipScope,
	{ groups, deadline }: { groups: readonly GroupChanges[]; deadline: Deadline },
): Promise<number> {
	const { ref, failures, journal } = scope;
	const outcomes = await changeGroups(deps, scope, { groups, deadline });
	const strangers: Stranger[] = [];
	let writes = 0;
	for (const [at, outcome] of outcomes.entries()) {
		const { group, changes } = groups[at] as GroupChanges;
		const fail = ({ person }: ResolvedChange, { code, message }: Refusal) =>
			failures.add({
				entryType: membershipRules[ref.kind].entryType,
				...{ code, message },
				joiningValue: group,
				reportableIdentifier: person,
			});
		if (!outcome.ok) {
			for (const change of changes) fail(change, outcome);
			continue;
		}
		const refused = new Map(outcome.refused?.map((each) => [each.userId, each]));
		if (outcome.changed) writes++;
		for (const userId of outcome.others ?? []) strangers.push({ group, userId });
		for (const change of changes) {
			const refusal = refused.get(change.userId);
			if (refusal) fail(change, refusal);
			else if (change.removes) journal.forget(change.key);
			else journal.set(change.key, membershipStates.there);
		}
	}
	for (const key of await keysOfUnknown(deps, scope, strangers)) journal.set(key, membershipStates.found);
	return writes;
}

/** Of those whom the directory has besides a change: whom the history does not know either. An ended run may have brought the others. */
async function keysOfUnknown(
	deps: SyncDeps,
	scope: MembershipScope,
	strangers: readonly Stranger[],
): Promise<Uint8Array[]> {
	if (strangers.length === 0) return [];
	const { ref, history } = scope;
	const known = await readSnapshot(deps, ref.profileId, { files: history.files, kind: ref.kind, shard: ref.shard });
	return (await keysOfStrangers(deps, scope, strangers)).filter((key) => known.find(key) < 0);
}

function changeGroups(
	{ directory }: SyncDeps,
	{ ref, history }: MembershipScope,
	{ groups, deadline }: { groups: readonly GroupChanges[]; deadline: Deadline },
): Promise<readonly WriteOutcome[]> {
	const { group, role } = membershipRules[ref.kind];
	if (group === 'section') {
		// As long as no history was kept of the class, whoever is in neither the change nor the history has come by other ways.
		const wantsOthers = history.unread?.includes(ref.kind) ?? false;
		const changes = groups.map(({ groupId, changes }) => ({
			classId: groupId,
			source: ref.profileId,
			role,
			wantsOthers,
			...idsOf(changes),
		}));
		return directory.changeMembers(ref.tenantId, changes, deadline);
	}
	const changes = groups.map(({ groupId, changes }) => ({
		schoolId: groupId,
		source: ref.profileId,
		role,
		...idsOf(changes),
	}));
	return directory.changeSchoolMembers(ref.tenantId, changes, deadline);
}

function idsOf(changes: readonly ResolvedChange[]): Pick<MembershipChange, 'add' | 'remove'> {
	return {
		add: changes.filter(({ removes }) => !removes).map(({ userId }) => userId),
		remove: changes.filter(({ removes }) => removes).map(({ userId }) => userId),
	};
}
