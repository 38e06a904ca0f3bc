import type { MembershipChange } from '../../domain/directory.ts';
import type { AccountRole } from '../../domain/sync/identity.ts';
import { forEachPlanLine, planOps } from '../../domain/sync/plan.ts';
import type { Snapshot } from '../../domain/sync/snapshot.ts';
import type { ShardResult } from './apply-entities.ts';
import { lookUp } from './entity-writers.ts';
import { readPlanFile } from './plan-files.ts';
import { type FailureLog, failureLog } from './record-errors.ts';
import { shardProgress } from './shard-progress.ts';
import { readAllShards, readPreviousShard, type SnapshotManifest, writeShard } from './snapshots.ts';
import type { ShardRef, SyncDeps } from './sync-deps.ts';

export type MembershipKind = 'studentEnrollment' | 'teacherRoster';

const roles: Readonly<Record<MembershipKind, AccountRole>> = { studentEnrollment: 'student', teacherRoster: 'teacher' };

/** As the error resource names them. */
const entryTypes: Readonly<Record<MembershipKind, string>> = {
	studentEnrollment: 'SectionStudents',
	teacherRoster: 'SectionTeachers',
};

/** Classes per call of the directory. */
const sliceSize = 1000;

interface PlannedMembership {
	key: Uint8Array;
	user: string;
	removes: boolean;
}

interface ResolvedMembership extends PlannedMembership {
	userId: string;
}

/** All that a shard's plan says about one class. */
interface ClassPlan {
	section: string;
	classId: string;
	memberships: ResolvedMembership[];
}

/**
 * Step *apply* for enrollments and rosters, then *commit* of the shard. A class lies in one shard, so one write changes it.
 * Idempotent: adding a member twice and removing a stranger are no changes.
 */
export async function applyMemberships(
	deps: SyncDeps,
	ref: ShardRef & { kind: MembershipKind },
	snapshotCounts: SnapshotManifest,
): Promise<ShardResult> {
	const plan = await readPlanFile(deps.rosters, ref);
	const failures = failureLog(deps, ref);
	const bySection = groupBySection(plan);
	const planned = [...bySection.values()].reduce((sum, memberships) => sum + memberships.length, 0);
	const report = shardProgress(deps, ref, planned);
	const classes = await resolveIds(deps, { ref, snapshotCounts, failures }, bySection);
	const snapshot = await readPreviousShard(deps.rosters, ref);
	let writes = 0;
	let done = failures.count;
	for (let start = 0; start < classes.length; start += sliceSize) {
		const slice = classes.slice(start, start + sliceSize);
		writes += await writeSlice(deps, { ref, failures, snapshot }, slice);
		done += slice.reduce((sum, { memberships }) => sum + memberships.length, 0);
		await report(done);
	}
	await failures.flush();
	await writeShard(deps.rosters, ref, snapshot);
	await report(planned);
	return { failed: failures.count, writes };
}

function groupBySection(plan: Uint8Array): Map<string, PlannedMembership[]> {
	const decoder = new TextDecoder();
	const bySection = new Map<string, PlannedMembership[]>();
	forEachPlanLine(plan, (op, key) => {
		const [section = '', user = ''] = decoder.decode(key).split('\x1f');
		const membership = { key, user, removes: op === planOps.remove };
		const memberships = bySection.get(section);
		if (memberships) memberships.push(membership);
		else bySection.set(section, [membership]);
	});
	return bySection;
}

interface ResolveScope {
	ref: ShardRef & { kind: MembershipKind };
	snapshotCounts: SnapshotManifest;
	failures: FailureLog;
}

/** Finds the directory's ids; what has none is a failure of that membership, since its class or user was not synced. */
async function resolveIds(
	deps: SyncDeps,
	{ ref, snapshotCounts, failures }: ResolveScope,
	bySection: ReadonlyMap<string, readonly PlannedMembership[]>,
): Promise<ClassPlan[]> {
	const role = roles[ref.kind];
	const idsOf = async (kind: 'section' | AccountRole) =>
		lookUp(await readAllShards(deps.rosters, { ...ref, kind, shards: snapshotCounts[kind] ?? 0 }));
	const classIdOf = await idsOf('section');
	const userIdOf = await idsOf(role);
	const classes: ClassPlan[] = [];
	for (const [section, memberships] of bySection) {
		const classId = classIdOf(section);
		const resolved: ResolvedMembership[] = [];
		for (const membership of memberships) {
			const userId = userIdOf(membership.user);
			if (classId && userId) resolved.push({ ...membership, userId });
			else await failures.add(unresolved(ref.kind, section, { user: membership.user, classIsMissing: !classId }));
		}
		if (classId && resolved.length > 0) classes.push({ section, classId, memberships: resolved });
	}
	return classes;
}

function unresolved(
	kind: MembershipKind,
	section: string,
	{ user, classIsMissing }: { user: string; classIsMissing: boolean },
) {
	const role = roles[kind];
	const culprit = classIsMissing ? `section "${section}"` : `${role} "${user}"`;
	return {
		entryType: entryTypes[kind],
		code: 'InvalidLookupReference',
		message: `The membership of ${role} "${user}" in section "${section}" cannot be written: ${culprit} itself was not synced. Correct its error first.`,
		joiningValue: section,
		reportableIdentifier: user,
	} as const;
}

interface WriteScope {
	ref: ShardRef & { kind: MembershipKind };
	failures: FailureLog;
	snapshot: Snapshot;
}

async function writeSlice(
	deps: SyncDeps,
	{ ref, failures, snapshot }: WriteScope,
	classes: readonly ClassPlan[],
): Promise<number> {
	const changes = classes.map((plan) => membershipChange(plan, roles[ref.kind]));
	const outcomes = await deps.directory.changeMembers(ref.tenantId, changes);
	let writes = 0;
	for (const [at, outcome] of outcomes.entries()) {
		const { section, memberships } = classes[at] as ClassPlan;
		if (!outcome.ok) {
			for (const { user } of memberships) {
				await failures.add({
					entryType: entryTypes[ref.kind],
					code: outcome.code,
					message: outcome.message,
					joiningValue: section,
					reportableIdentifier: user,
				});
			}
			continue;
		}
		if (outcome.changed) writes++;
		for (const { key, removes } of memberships) {
			if (removes) snapshot.delete(key);
			else snapshot.set(key);
		}
	}
	return writes;
}

function membershipChange({ classId, memberships }: ClassPlan, role: AccountRole): MembershipChange {
	return {
		classId,
		role,
		add: memberships.filter(({ removes }) => !removes).map(({ userId }) => userId),
		remove: memberships.filter(({ removes }) => removes).map(({ userId }) => userId),
	};
}
