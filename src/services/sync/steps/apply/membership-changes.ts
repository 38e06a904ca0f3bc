import { forEachPlanLine, isRemoval } from '../../../../domain/sync/plan.ts';
import { unknownPerson } from '../../../../domain/sync/shards/shard-rows.ts';
import { type MembershipKind, membershipRules } from '../../../../domain/sync/sync-kinds.ts';
import { directoryIds, type LookUp } from '../../files/directory-ids.ts';
import { readSnapshot } from '../../files/snapshots.ts';
import type { RecordFailure } from '../../record-errors.ts';
import type { SyncDeps } from '../../sync-deps.ts';
import type { MembershipScope } from './slice-scope.ts';

/** One line of a plan. */
interface PlannedChange {
	key: Uint8Array;
	/** SIS id. */
	person: string;
	removes: boolean;
}

export interface ResolvedChange extends PlannedChange {
	/** Directory id. */
	userId: string;
	/** No file says who it is. */
	isStranger?: true;
}

/** All that a slice says about one class or school. */
export interface GroupChanges {
	/** SIS id. */
	group: string;
	/** Directory id. */
	groupId: string;
	changes: ResolvedChange[];
}

type ByGroup = ReadonlyMap<string, readonly PlannedChange[]>;

/** What is to be carried out, by class or school, and how many removals are held. */
export function plannedByGroup(
	plan: Uint8Array,
	isHeld: (line: Uint8Array) => boolean,
): { byGroup: ByGroup; held: number } {
	const byGroup = new Map<string, PlannedChange[]>();
	let held = 0;
	forEachPlanLine(plan, (op, key) => {
		const [group = '', person = ''] = textOf(key).split('\x1f');
		const removes = isRemoval(op);
		if (removes && isHeld(key)) {
			held++;
			return;
		}
		const change = { key, person, removes };
		const changes = byGroup.get(group);
		if (changes) changes.push(change);
		else byGroup.set(group, [change]);
	});
	return { byGroup, held };
}

interface Resolution {
	groups: GroupChanges[];
	/** Memberships of schools that wait for a person whose own error says why. */
	waiting: number;
}

/**
 * Finds the directory's ids. A membership whose class, school or person has none is a failure of its own, but for that of a person in a
 * school: that only waits.
 */
export async function resolveGroups(deps: SyncDeps, scope: MembershipScope, byGroup: ByGroup): Promise<Resolution> {
	const { kind } = scope.ref;
	const rule = membershipRules[kind];
	const groupIdOf = await directoryIds(deps, scope, rule.group);
	const userIdOf = await directoryIds(deps, scope, rule.role);
	const isWanted = await wantedMembers(deps, scope, { byGroup, userIdOf });
	const groups: GroupChanges[] = [];
	let waiting = 0;
	for (const [group, planned] of byGroup) {
		const groupId = groupIdOf(group);
		const resolved: ResolvedChange[] = [];
		for (const change of planned) {
			const userId = isUnknown(change) ? change.person.slice(unknownPerson.length) : userIdOf(change.person);
			// The same account under another id: only the line goes.
			if (change.removes && userId && isWanted(group, userId)) scope.journal.forget(change.key);
			else if (groupId && userId)
				resolved.push(
					isUnknown(change) ? { ...change, person: userId, userId, isStranger: true } : { ...change, userId },
				);
			else if (groupId && rule.group === 'school') waiting++;
			else scope.failures.add(unresolved(kind, { group, person: change.person, groupIsMissing: !groupId }));
		}
		const changes = withoutBareRemovals({ planned, resolved, isSection: rule.group === 'section' });
		if (groupId && changes.length > 0) groups.push({ group, groupId, changes });
	}
	return { groups, waiting };
}

const isUnknown = ({ person }: PlannedChange) => person.startsWith(unknownPerson);

/**
 * Tells whether an account is to stay in a class or school from which it is to be removed, since another line of the same has it there: the
 * source gave a person a new id, or a file has come to know somebody whom only the directory knew.
 */
async function wantedMembers(
	deps: SyncDeps,
	{ ref, history }: MembershipScope,
	{ byGroup, userIdOf }: { byGroup: ByGroup; userIdOf: LookUp },
): Promise<(group: string, userId: string) => boolean> {
	const losing = [...byGroup].filter(([, changes]) => changes.some(({ removes }) => removes));
	if (losing.length === 0) return () => false;
	const removed = new Set(
		losing.flatMap(([, changes]) => changes.flatMap(({ key, removes }) => (removes ? [textOf(key)] : []))),
	);
	const wanted = new Map<string, Set<string | undefined>>(
		losing.map(([group, changes]) => [
			group,
			new Set(changes.flatMap(({ person, removes }) => (removes ? [] : [userIdOf(person)]))),
		]),
	);
	const snapshot = await readSnapshot(deps, ref.profileId, { files: history.files, kind: ref.kind, shard: ref.shard });
	snapshot.forEach((key, place) => {
		if (snapshot.stateAt(place) !== 'there') return;
		const line = textOf(key);
		const [group = '', person = ''] = line.split('\x1f');
		if (!removed.has(line)) wanted.get(group)?.add(userIdOf(person));
	});
	return (group, userId) => wanted.get(group)?.has(userId) ?? false;
}

const decoder = new TextDecoder();
const textOf = (key: Uint8Array) => decoder.decode(key);

interface Resolved {
	planned: readonly PlannedChange[];
	resolved: readonly ResolvedChange[];
	isSection: boolean;
}

/**
 * Nobody is removed from a class before whoever is to be added could be: it keeps its members until the next run. Whom only the directory
 * knows may be just the one who could not be added, so they stay in a school, too.
 */
function withoutBareRemovals({ planned, resolved, isSection }: Resolved): ResolvedChange[] {
	const additions = (changes: readonly PlannedChange[]) => changes.filter(({ removes }) => !removes).length;
	const isWhole = additions(planned) === additions(resolved);
	return resolved.filter(({ removes, isStranger }) => isWhole || !removes || !(isSection || isStranger));
}

interface Unresolved {
	group: string;
	person: string;
	groupIsMissing: boolean;
}

function unresolved(kind: MembershipKind, { group, person, groupIsMissing }: Unresolved): RecordFailure {
	const { group: groupKind, role, entryType } = membershipRules[kind];
	const culprit = groupIsMissing ? `${groupKind} "${group}"` : `${role} "${person}"`;
	const shown =
		groupKind === 'section'
			? { joiningValue: group, reportableIdentifier: person }
			: { joiningValue: person, reportableIdentifier: group };
	return {
		entryType,
		code: 'InvalidLookupReference',
		message: `The membership of ${role} "${person}" in ${groupKind} "${group}" cannot be written: ${culprit} itself was not synced. Correct its error first.`,
		...shown,
	};
}
