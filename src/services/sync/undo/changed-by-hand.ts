import type { PlannedSlice } from '../../../domain/sync/course.ts';
import type { HistoryRecord } from '../../../domain/sync/history/history.ts';
import { forEachPlanLine, isRemoval } from '../../../domain/sync/plan.ts';
import { isMembership, type MembershipKind, membershipRules } from '../../../domain/sync/sync-kinds.ts';
import type { SyncRef } from '../../../ports.ts';
import { directoryIds } from '../files/directory-ids.ts';
import { requireHistory } from '../files/histories.ts';
import { readPlan } from '../files/plan-files.ts';
import type { SyncDeps } from '../sync-deps.ts';

/** Per call of the directory. */
const groupsAtOnce = 1000;
/** So many places are named. */
const placesShown = 5;

/**
 * The memberships of a plan that are in the directory as they are to be already, though no run did it: somebody has removed whom an undo
 * would remove, or put back whom it would put back. They stay as they are; this says how many, and where.
 */
export async function changedByHand(
	deps: SyncDeps,
	ref: SyncRef,
	planned: readonly PlannedSlice[],
): Promise<readonly string[]> {
	const history = await requireHistory(deps, ref);
	const sentences: string[] = [];
	for (const kind of ['studentEnrollment', 'teacherRoster', 'schoolStudent', 'schoolTeacher'] as const) {
		const places: string[] = [];
		for (const { slice } of planned)
			if (slice.kind === kind && isMembership(slice.kind))
				places.push(...(await placesIn(deps, { ref, history, kind }, await readPlan(deps.rosters, ref, slice))));
		if (places.length > 0) sentences.push(sentenceOf(kind, places));
	}
	return sentences;
}

function sentenceOf(kind: MembershipKind, places: readonly string[]): string {
	const named = [...new Set(places)];
	const group = membershipRules[kind].group === 'section' ? 'class' : 'school';
	const shown = named.slice(0, placesShown).map((name) => `"${name}"`);
	const more = named.length > placesShown ? `, and ${named.length - placesShown} more` : '';
	return `Changed by hand since, and stay: ${places.length} memberships (${membershipRules[kind].role}) of ${group} ${shown.join(', ')}${more}.`;
}

interface Scope {
	ref: SyncRef;
	history: HistoryRecord;
	kind: MembershipKind;
}

/** The class or school of each such membership. */
async function placesIn(deps: SyncDeps, { ref, history, kind }: Scope, plan: Uint8Array): Promise<string[]> {
	const { group, role } = membershipRules[kind];
	const groupIdOf = await directoryIds(deps, { ref, history }, group);
	const userIdOf = await directoryIds(deps, { ref, history }, role);
	const decoder = new TextDecoder();
	const changes: { name: string; id: string; userId: string; removes: boolean }[] = [];
	forEachPlanLine(plan, (op, line) => {
		const [name = '', person = ''] = decoder.decode(line).split('\x1f');
		const [id, userId] = [groupIdOf(name), userIdOf(person)];
		if (id && userId) changes.push({ name, id, userId, removes: isRemoval(op) });
	});
	const members = await membersOf(deps, { ref, kind }, [...new Set(changes.map(({ id }) => id))]);
	return changes.flatMap(({ name, id, userId, removes }) => (members.get(id)?.has(userId) === removes ? [] : [name]));
}

async function membersOf(
	{ directory }: SyncDeps,
	{ ref: { tenantId, profileId: source }, kind }: Pick<Scope, 'ref' | 'kind'>,
	ids: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
	const { group, role } = membershipRules[kind];
	const members = new Map<string, ReadonlySet<string>>();
	for (let start = 0; start < ids.length; start += groupsAtOnce) {
		const some = ids.slice(start, start + groupsAtOnce);
		const read =
			group === 'section'
				? await directory.classMembers(tenantId, { ids: some, role, source })
				: await directory.schoolMembers(tenantId, { ids: some, role, source });
		for (const [at, id] of some.entries()) members.set(id, new Set(read[at] ?? []));
	}
	return members;
}
