import type { RefusedMember, WriteOutcome } from '../../../../domain/directory.ts';
import { slices } from '../../../transactions.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import { isThereAlready, refusalOf } from '../graph-outcomes.ts';
import { type GraphScope, isRecent } from '../graph-scope.ts';
import { type GroupEndpoints, maxLinks } from './group-endpoints.ts';
import { type MemberPlan, planMembers, type ShownMembers, type WantedChange } from './member-changes.ts';
import type { MemberSources, SourceChange } from './member-sources.ts';

export interface MembersScope extends GraphScope {
	endpoints: GroupEndpoints;
	sources: MemberSources;
}

/**
 * One outcome per change. What the source brings is noted before the directory is asked, what it takes away after: so that whom somebody
 * else has there is never taken away, whenever a process dies. Nobody is removed from a group to which not everybody could be added.
 */
export async function changeGroupMembers(
	scope: MembersScope,
	changes: readonly WantedChange[],
): Promise<WriteOutcome[]> {
	const groupIds = changes.map(({ groupId }) => groupId);
	const records = await scope.sources.read(scope.tenantId, groupIds);
	const shown = await showMembers(scope, groupIds, true);
	const works = changes.flatMap((change, at): Work[] => {
		const present = shown[at];
		if (!present) return [];
		const { members, removedAt } = records[at] ?? { members: [], removedAt: undefined };
		const isSettled = !isRecent(scope, removedAt);
		const plan = planMembers(change, members, { ...present, isSettled });
		return [{ at, change, plan, teachers: present.teachers.size, refused: new Map(), writes: 0, isNoted: false }];
	});
	await note(scope, works, 'add');
	await addAll(scope, works);
	await removeAll(scope, works);
	await note(scope, works, 'remove');
	const byPlace = new Map(works.map((work) => [work.at, work]));
	return changes.map((change, at) => outcomeOf(change, byPlace.get(at)));
}

interface Work {
	at: number;
	change: WantedChange;
	plan: MemberPlan;
	/** How many the class has already. */
	teachers: number;
	refused: Map<string, RefusedMember>;
	writes: number;
	/** Whether it is news who has brought whom. */
	isNoted: boolean;
}

/** Of each group, in the order given; undefined where there is no such group. */
export async function showMembers(
	{ client, call, endpoints }: Pick<MembersScope, 'client' | 'call' | 'endpoints'>,
	groupIds: readonly string[],
	isNew = false,
): Promise<(ShownMembers | undefined)[]> {
	const distinct = [...new Set(groupIds)];
	const newly = (request: GraphRequest) => (isNew ? { ...request, isNew } : request);
	const all = await client.lists(
		call,
		distinct.map((id) => newly(endpoints.members(id))),
	);
	const teaching = endpoints.hasTeachers
		? await client.lists(
				call,
				distinct.map((id) => newly(endpoints.teachers(id))),
			)
		: all.map((list) => (list as Member[] | undefined)?.filter(({ primaryRole }) => primaryRole === 'teacher'));
	const byId = new Map(
		distinct.map((id, at): [string, ShownMembers | undefined] => {
			const members = all[at] as Member[] | undefined;
			const teachers = (teaching[at] ?? []) as Member[];
			return [
				id,
				members && {
					members: idsOf(members),
					teachers: idsOf(teachers),
					hasTeachers: endpoints.hasTeachers,
					isSettled: true,
				},
			];
		}),
	);
	return groupIds.map((id) => byId.get(id));
}

interface Member {
	id: string;
	primaryRole?: string;
}

const idsOf = (members: readonly Member[]) => new Set(members.map(({ id }) => id));

async function note(
	{ sources, tenantId }: MembersScope,
	works: readonly Work[],
	side: 'add' | 'remove',
): Promise<void> {
	const notes = works.flatMap((work): { work: Work; entry: SourceChange }[] => {
		const { change, plan, refused } = work;
		const kept = (ids: readonly string[]) => ids.filter((id) => !refused.has(id));
		const own = { groupId: change.groupId, role: change.role, source: change.source };
		if (side === 'add') return [{ work, entry: { ...own, add: plan.note.add, remove: [] } }];
		// Whoever could not be added is nobody's again.
		const undone = plan.note.add.filter((id) => refused.has(id));
		return [
			{ work, entry: { ...own, add: [], remove: [...kept(plan.note.remove), ...undone] } },
			{ work, entry: { ...own, source: '', add: [], remove: kept(plan.byHand) } },
		];
	});
	const changed = await sources.change(
		tenantId,
		notes.map(({ entry }) => entry),
	);
	for (const [at, { work, entry }] of notes.entries()) {
		const isNews = side === 'add' || entry.remove.some((id) => !work.refused.has(id));
		if (changed[at] && isNews) work.isNoted = true;
	}
}

interface Step {
	work: Work;
	userIds: readonly string[];
	request: GraphRequest;
}

async function addAll(scope: MembersScope, works: readonly Work[]): Promise<void> {
	const { endpoints } = scope;
	const single = (work: Work, as: 'member' | 'teacher', userIds: readonly string[]) =>
		userIds.map((id): Step => ({ work, userIds: [id], request: endpoints.add(work.change.groupId, as, id) }));
	const packed: Step[] = [];
	const alone: Step[] = [];
	for (const work of works) {
		for (const userIds of slices(work.plan.addMembers, maxLinks)) {
			const request = isPacking(scope) ? endpoints.addMany(work.change.groupId, userIds) : undefined;
			if (request) packed.push({ work, userIds, request });
			else alone.push(...single(work, 'member', userIds));
		}
	}
	const answers = await send(scope, packed);
	for (const [at, { work, userIds }] of packed.entries()) {
		const answer = answers[at] as GraphAnswer;
		if (answer.status === 403) scope.facts.refuse(scope.tenantId, packing);
		if (isOk(answer)) work.writes++;
		// All or nothing: whoever it is that cannot be added, the others shall be.
		else alone.push(...single(work, 'member', userIds));
	}
	await addOnes(scope, alone);
	await addOnes(
		scope,
		works.flatMap((work) => single(work, 'teacher', withinOwners(work))),
	);
}

const packing = 'members in packs';
const isPacking = ({ facts, tenantId }: MembersScope) => facts.isAllowed(tenantId, packing);

const maxOwners = 100;

/** A group takes no more owners; who comes last is refused. */
function withinOwners(work: Work): string[] {
	const wanted = work.plan.addTeachers.filter((id) => !work.refused.has(id));
	const fitting = Math.max(0, maxOwners - work.teachers);
	const message = `A class has at most ${maxOwners} teachers. Take some of them from the class, or split it.`;
	for (const userId of wanted.slice(fitting)) work.refused.set(userId, { userId, code: 'UnSpecified', message });
	return wanted.slice(0, fitting);
}

async function addOnes(scope: MembersScope, steps: readonly Step[]): Promise<void> {
	const answers = await send(scope, steps);
	for (const [at, { work, userIds }] of steps.entries()) {
		const answer = answers[at] as GraphAnswer;
		if (isOk(answer)) work.writes++;
		else if (!isThereAlready(answer)) refuse(work, userIds[0] as string, answer);
	}
}

function refuse(work: Work, userId: string, answer: GraphAnswer): void {
	work.refused.set(userId, { userId, ...refusalOf(answer) });
}

async function removeAll(scope: MembersScope, works: readonly Work[]): Promise<void> {
	for (const work of works.filter(({ refused }) => refused.size > 0)) keepAll(work);
	const open = works.filter(({ refused }) => refused.size === 0);
	const losing = open.filter(({ plan }) => plan.removeMembers.length + plan.removeTeachers.length > 0);
	if (losing.length === 0) return;
	await scope.sources.markRemoval(
		scope.tenantId,
		losing.map(({ change }) => change.groupId),
	);
	for (const [as, idsOfPlan] of [
		['teacher', (plan: MemberPlan) => plan.removeTeachers],
		['member', (plan: MemberPlan) => plan.removeMembers],
	] as const) {
		const steps = losing.flatMap((work) =>
			idsOfPlan(work.plan)
				.filter((id) => !work.refused.has(id))
				.map((id): Step => ({ work, userIds: [id], request: scope.endpoints.remove(work.change.groupId, as, id) })),
		);
		const answers = await send(scope, steps);
		for (const [at, { work, userIds }] of steps.entries()) {
			const answer = answers[at] as GraphAnswer;
			if (isOk(answer)) work.writes++;
			else if (answer.status !== 404) refuse(work, userIds[0] as string, answer);
		}
	}
	await bringBack(scope, losing);
}

/** No removal before its replacement. */
function keepAll({ plan, change, refused }: Work): void {
	const message = 'The membership stays until everybody who is to come could be added. Correct their errors first.';
	const staying = [...plan.note.remove, ...plan.byHand, ...plan.removeMembers, ...plan.removeTeachers];
	for (const userId of new Set(staying))
		if (change.remove.includes(userId)) refused.set(userId, { userId, code: 'UnSpecified', message });
}

/** Another source may have brought somebody while he was being removed: he stays. */
async function bringBack(scope: MembersScope, works: readonly Work[]): Promise<void> {
	const records = await scope.sources.read(
		scope.tenantId,
		works.map(({ change }) => change.groupId),
	);
	const steps = works.flatMap((work, at): Step[] => {
		const { groupId, source } = work.change;
		const others = (records[at]?.members ?? []).filter((row) => row.source !== source && row.source !== '');
		const isWanted = (id: string, isTeacher: boolean) =>
			others.some(({ role, ids }) => ids.has(id) && (!isTeacher || role === 'teacher'));
		const again = (as: 'member' | 'teacher', ids: readonly string[]) =>
			ids
				.filter((id) => isWanted(id, as === 'teacher'))
				.map((id): Step => ({ work, userIds: [id], request: scope.endpoints.add(groupId, as, id) }));
		return [...again('member', work.plan.removeMembers), ...again('teacher', work.plan.removeTeachers)];
	});
	await addOnes(scope, steps);
}

function send({ client, call }: MembersScope, steps: readonly Step[]): Promise<GraphAnswer[]> {
	return client.send(
		call,
		steps.map(({ request }) => request),
	);
}

function outcomeOf({ groupId: id, wantsOthers }: WantedChange, work: Work | undefined): WriteOutcome {
	if (!work) {
		return {
			ok: false,
			code: 'InvalidLookupReference',
			message:
				'The class or school is not in the directory: somebody deleted it, or it is too new. The next sync looks again.',
		};
	}
	const { plan, refused, writes, isNoted } = work;
	return {
		ok: true,
		id,
		changed: writes > 0 || isNoted,
		...(wantsOthers ? { others: plan.others } : {}),
		...(refused.size > 0 ? { refused: [...refused.values()] } : {}),
	};
}
