import type { MembershipChange } from '../../../domain/directory.ts';
import type { MembershipKind } from '../../../domain/roster/format/kinds.ts';
import type { AccountRole } from '../../../domain/sync/identity.ts';
import { forEachPlanLine, planOps } from '../../../domain/sync/plan.ts';
import { membershipStates } from '../../../domain/sync/snapshot.ts';
import { directoryIds } from '../files/directory-ids.ts';
import type { SyncDeps } from '../sync-deps.ts';
import type { SliceScope } from './apply-slice.ts';
import { heldRemovals } from './weigh-removals.ts';

const roles: Readonly<Record<MembershipKind, AccountRole>> = { studentEnrollment: 'student', teacherRoster: 'teacher' };

/** As the error resource names them. */
const entryTypes: Readonly<Record<MembershipKind, string>> = {
	studentEnrollment: 'SectionStudents',
	teacherRoster: 'SectionTeachers',
};

/** Per call of the directory. */
const classesAtOnce = 1000;

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
 * A slice of enrollments or rosters; answers how many classes the directory had to write, and how many removals are held. All that changes in a class stands in one
 * slice, so one write changes it. Idempotent: adding a member twice and removing a stranger are no changes.
 */
export async function applyMemberships(
	deps: SyncDeps,
	scope: SliceScope & { ref: { kind: MembershipKind } },
): Promise<{ writes: number; held: number }> {
	const { ref, plan, lease, report } = scope;
	const isHeld = await heldRemovals(deps, ref, ref.kind);
	const { bySection, held } = groupBySection(plan, isHeld);
	const classes = await resolveIds(deps, scope, bySection);
	let writes = 0;
	let done = scope.failures.count;
	for (let start = 0; start < classes.length; start += classesAtOnce) {
		const some = classes.slice(start, start + classesAtOnce);
		writes += await writeClasses(deps, scope, { classes: some, deadline: await lease.renew() });
		done += some.reduce((sum, { memberships }) => sum + memberships.length, 0);
		await report(done);
	}
	await report(held + [...bySection.values()].reduce((sum, memberships) => sum + memberships.length, 0));
	return { writes, held };
}

function groupBySection(plan: Uint8Array, isHeld: (line: Uint8Array) => boolean) {
	const decoder = new TextDecoder();
	const bySection = new Map<string, PlannedMembership[]>();
	let held = 0;
	forEachPlanLine(plan, (op, key) => {
		const [section = '', user = ''] = decoder.decode(key).split('\x1f');
		const removes = op === planOps.remove;
		if (removes && isHeld(key)) {
			held++;
			return;
		}
		const membership = { key, user, removes };
		const memberships = bySection.get(section);
		if (memberships) memberships.push(membership);
		else bySection.set(section, [membership]);
	});
	return { bySection, held };
}

type MembershipScope = SliceScope & { ref: { kind: MembershipKind } };

/** Finds the directory's ids; what has none is a failure of that membership, since its class or user was not synced. */
async function resolveIds(
	deps: SyncDeps,
	scope: MembershipScope,
	bySection: ReadonlyMap<string, readonly PlannedMembership[]>,
): Promise<ClassPlan[]> {
	const { kind } = scope.ref;
	const classIdOf = await directoryIds(deps, scope, 'section');
	const userIdOf = await directoryIds(deps, scope, roles[kind]);
	const classes: ClassPlan[] = [];
	for (const [section, memberships] of bySection) {
		const classId = classIdOf(section);
		const resolved: ResolvedMembership[] = [];
		for (const membership of memberships) {
			const userId = userIdOf(membership.user);
			if (classId && userId) resolved.push({ ...membership, userId });
			else scope.failures.add(unresolved(kind, section, { user: membership.user, classIsMissing: !classId }));
		}
		const ready = withoutBareRemovals(memberships, resolved);
		if (classId && ready.length > 0) classes.push({ section, classId, memberships: ready });
	}
	return classes;
}

/** Nobody is removed from a class before whoever is to be added could be: it keeps its members until the next run. */
function withoutBareRemovals(
	planned: readonly PlannedMembership[],
	resolved: readonly ResolvedMembership[],
): ResolvedMembership[] {
	const additions = (memberships: readonly PlannedMembership[]) => memberships.filter(({ removes }) => !removes).length;
	const isWhole = additions(planned) === additions(resolved);
	return resolved.filter(({ removes }) => isWhole || !removes);
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

async function writeClasses(
	deps: SyncDeps,
	{ ref, failures, journal }: MembershipScope,
	{ classes, deadline }: { classes: readonly ClassPlan[]; deadline: Date },
): Promise<number> {
	const changes = classes.map((plan) => membershipChange(plan, roles[ref.kind]));
	const outcomes = await deps.directory.changeMembers(ref.tenantId, changes, deadline);
	let writes = 0;
	for (const [at, outcome] of outcomes.entries()) {
		const { section, memberships } = classes[at] as ClassPlan;
		if (!outcome.ok) {
			for (const { user } of memberships) {
				failures.add({
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
			if (removes) journal.forget(key);
			else journal.set(key, membershipStates.there);
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
