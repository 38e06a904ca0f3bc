import type { SlicePlace } from './history/history.ts';
import type { SliceResult } from './history/journal.ts';
import { type PlannedChanges, type PlannedPart, recordsIn } from './plan.ts';
import { isMembership, type MembershipKind, type SyncKind } from './sync-kinds.ts';
import { addTally, type Tallies } from './tally.ts';

/** One slice, as a step gets it. */
export interface Slice extends SlicePlace {
	/** Counts the slices of the kind, over all shards. */
	number: number;
	/** How many parts the shard's plan has, and how many records this one. */
	parts: number;
	records: number;
}

/** How many shards a kind has in this run; one that is left alone is absent. */
export interface KindShards {
	kind: SyncKind;
	shards: number;
}

/** How a shard differs from what was achieved, and what each slice of its plan is to do. */
export interface ShardPlan {
	unchanged: number;
	/** Records of the history that the file does not have. */
	gone: number;
	parts: readonly PlannedPart[];
}

/** What of a plan is left out, since it is about records that came under new SIS ids. */
export interface FoundRekeyed {
	/** Changes that are left out. */
	held: number;
	/** What is left of the slices, by their places among those that were looked at. */
	left: readonly { at: number; changes: PlannedPart }[];
}

/** What a run does next. Steps that are asked for together may be done side by side. */
export type CourseStep =
	| { name: 'beginRun' }
	| { name: 'takeHistory' }
	| { name: 'rekey' }
	| { name: 'shardRoster' }
	| { name: 'compareShard'; kind: SyncKind; shard: number }
	| { name: 'findRekeyed'; kinds: readonly SyncKind[]; slices: readonly Slice[] }
	| { name: 'weighRemovals'; slices: readonly Slice[]; shards: readonly KindShards[] }
	| {
			name: 'planRun';
			planned: readonly PlannedSlice<PlannedPart>[];
			shards: readonly KindShards[];
			unchanged: Tallies;
	  }
	| { name: 'applySlice'; slice: Slice }
	| { name: 'settleNames'; slices: readonly Slice[] }
	| { name: 'readBack'; kind: MembershipKind; shard: number }
	| { name: 'holdFound'; kinds: readonly MembershipKind[] };

/** What a run came to. */
export interface CourseResult {
	tallies: Tallies;
	directoryWrites: number;
	/** Changes that were left out until somebody approves them. */
	held: number;
	/** Why the run could not go on. */
	failure?: string;
}

/** What came of the people who had to wait for their names. */
export interface SettledNames {
	kind: SyncKind;
	failed: number;
	writes: number;
}

/** What a read-back holds; steps of an earlier version did not say of which kinds. */
interface FoundHeld {
	held: number;
	heldOf?: Partial<Record<MembershipKind, number>>;
}

/** A step that would fail again however often it is tried; the message is a sentence for whoever owns the profile. */
export class StepFailed extends Error {}

/**
 * Steps under way at once. More would not be faster: the directory's own limits come first. The platform cannot wait for one of several steps
 * and start another beside those that are left, so what is done side by side is of like size.
 */
const width = 4;

/** After so many slices the course hands over what is left, so that what the platform keeps of it stays small. */
const slicesPerLeg = 200;

/** What may be written side by side; each group needs the ids that the ones before it brought. */
const applyOrder: readonly (readonly SyncKind[])[] = [
	['school'],
	['student', 'teacher'],
	['section'],
	['schoolStudent', 'schoolTeacher', 'studentEnrollment', 'teacherRoster'],
];

const outage =
	'The sync could not go on: a service that it needs did not answer. What was written so far stays; start again with the same files, or reset the profile.';

type Course<T> = Generator<readonly CourseStep[], T, readonly unknown[]>;

/** What is left of a course. */
export interface CourseState {
	result: CourseResult;
	kinds: readonly KindShards[];
	/** Of which it is not known whom the directory has besides. */
	unread: readonly MembershipKind[];
	/** The slices that are to be carried out: each group may be done side by side, and in its order. */
	stages: readonly (readonly PlannedSlice[])[];
	/** Slices of people some of whom wait for their names. */
	waiting: readonly Slice[];
}

export interface PlannedSlice<Changes extends PlannedChanges = PlannedChanges> {
	slice: Slice;
	changes: Changes;
}

export type CourseEnd = { result: CourseResult } | { rest: CourseState };

/**
 * The order of a run's steps: begin, take over the history, give it new SIS ids that were approved, shard, compare, apply group by group, read back;
 * a dry run ends with its plan. It only decides: whoever drives it
 * does the steps that it yields, and hands their answers back in the same order, or throws what one of them threw. What was done
 * before a failure counts. A long course ends with what is left of it, for another one to begin with.
 */
export function* courseOfRun(rest?: CourseState): Course<CourseEnd> {
	let state: CourseState = rest ?? {
		result: { tallies: {}, directoryWrites: 0, held: 0 },
		kinds: [],
		unread: [],
		stages: [],
		waiting: [],
	};
	try {
		if (!rest) state = yield* plan(state.result);
		state = yield* apply(state);
		if (state.stages.length > 0) return { rest: state };
		yield* readBack(state);
	} catch (error) {
		state.result.failure = error instanceof StepFailed ? error.message : outage;
	}
	return { result: state.result };
}

function* plan(result: CourseResult): Course<CourseState> {
	const [{ isDryRun }] = (yield [{ name: 'beginRun' }]) as [{ isDryRun?: boolean }];
	const [{ unread, rekeys }] = (yield [{ name: 'takeHistory' }]) as [Pick<CourseState, 'unread'> & { rekeys: boolean }];
	if (rekeys && !isDryRun) yield [{ name: 'rekey' }];
	const [{ kinds }] = (yield [{ name: 'shardRoster' }]) as [Pick<CourseState, 'kinds'>];
	const compared = yield* compare(result, kinds);
	const planned = yield* leaveOutRekeyed(result, compared);
	const removing = planned.filter(({ slice, changes }) => isMembership(slice.kind) && changes.removed > 0);
	if (removing.length > 0) {
		// Whoever is moved is added elsewhere: all changes of memberships are looked at.
		const memberships = planned.filter(({ slice }) => isMembership(slice.kind)).map(({ slice }) => slice);
		yield [{ name: 'weighRemovals', slices: memberships, shards: kinds }];
	}
	yield [{ name: 'planRun', planned, shards: kinds, unchanged: result.tallies }];
	if (isDryRun) return { result, kinds, unread: [], stages: [], waiting: [] };
	return { result, kinds, unread, stages: applyOrder.flatMap((group) => stagesOf(planned, group)), waiting: [] };
}

interface Compared {
	planned: readonly PlannedSlice<PlannedPart>[];
	/** Of which records have gone. */
	losing: ReadonlySet<SyncKind>;
}

function* compare(result: CourseResult, kinds: readonly KindShards[]): Course<Compared> {
	const planned: PlannedSlice<PlannedPart>[] = [];
	const losing = new Set<SyncKind>();
	const numbers = new Map<SyncKind, number>();
	for (const some of batches(shardsOf(kinds))) {
		const plans = (yield some.map((place) => ({ name: 'compareShard', ...place }) as const)) as readonly ShardPlan[];
		for (const [at, { unchanged, gone, parts }] of plans.entries()) {
			const { kind, shard } = some[at] as ShardPlace;
			if (gone > 0) losing.add(kind);
			result.tallies = addTally(result.tallies, kind, { unchanged });
			for (const [part, changes] of parts.entries()) {
				const number = numbers.get(kind) ?? 0;
				numbers.set(kind, number + 1);
				const records = recordsIn(changes);
				planned.push({ slice: { kind, shard, part, number, parts: parts.length, records }, changes });
			}
		}
	}
	return { planned, losing };
}

/** Only where records both come and are gone, some may be the same: then it is known what of the plan waits for approval. */
function* leaveOutRekeyed(result: CourseResult, { planned, losing }: Compared): Course<Compared['planned']> {
	const comes = planned.filter(({ slice, changes }) => !isMembership(slice.kind) && changes.added > 0);
	const kinds = [...new Set(comes.map(({ slice }) => slice.kind))].filter((kind) => losing.has(kind));
	if (kinds.length === 0) return planned;
	const slices = planned.map(({ slice }) => slice);
	const [{ held, left }] = (yield [{ name: 'findRekeyed', kinds, slices }]) as [FoundRekeyed];
	result.held += held;
	const kept = [...planned];
	for (const { at, changes } of left) {
		const { slice } = planned[at] as PlannedSlice;
		kept[at] = { slice: { ...slice, records: recordsIn(changes) }, changes };
	}
	const shardOf = ({ slice }: PlannedSlice) => `${slice.kind}/${slice.shard}`;
	const busy = new Set(kept.filter(({ changes }) => recordsIn(changes) > 0).map(shardOf));
	return kept.filter((each) => busy.has(shardOf(each)));
}

interface ShardPlace<Kind = SyncKind> {
	kind: Kind;
	shard: number;
}

function shardsOf<Kind extends SyncKind>(kinds: readonly { kind: Kind; shards: number }[]): ShardPlace<Kind>[] {
	return kinds.flatMap(({ kind, shards }) => Array.from({ length: shards }, (_, shard) => ({ kind, shard })));
}

/** The last slice of a shard commits it, and so comes after the others. */
function stagesOf(planned: readonly PlannedSlice[], kinds: readonly SyncKind[]): PlannedSlice[][] {
	const isLast = ({ slice }: PlannedSlice) => slice.part === slice.parts - 1;
	const bySize = planned
		.filter(({ slice }) => kinds.includes(slice.kind))
		.sort((left, right) => right.slice.records - left.slice.records);
	return [bySize.filter((each) => !isLast(each)), bySize.filter(isLast)].filter((stage) => stage.length > 0);
}

/** Answers what is left after as many slices as a leg has. */
function* apply(state: CourseState): Course<CourseState> {
	const { result } = state;
	let { waiting } = state;
	let left = slicesPerLeg;
	for (const [at, stage] of state.stages.entries()) {
		// All people have been written by now, and have given up the names that they had.
		if (!stage.some(({ slice }) => isPerson(slice.kind))) waiting = yield* settleNames(result, waiting);
		const now = stage.slice(0, left);
		for (const some of batches(now)) waiting = [...waiting, ...(yield* applyAtOnce(result, some))];
		left -= now.length;
		if (now.length < stage.length)
			return { ...state, waiting, stages: [stage.slice(now.length), ...state.stages.slice(at + 1)] };
	}
	waiting = yield* settleNames(result, waiting);
	return { ...state, waiting, stages: [] };
}

const isPerson = (kind: SyncKind) => kind === 'student' || kind === 'teacher';

/** Answers the slices some of whose people wait for their names. */
function* applyAtOnce(result: CourseResult, some: readonly PlannedSlice[]): Course<readonly Slice[]> {
	const steps = some.map(({ slice }) => ({ name: 'applySlice', slice }) as const);
	const answers = (yield steps) as readonly SliceResult[];
	for (const [at, { failed, writes, held }] of answers.entries()) {
		const { slice, changes } = some[at] as PlannedSlice;
		result.tallies = addTally(result.tallies, slice.kind, {
			...changes,
			removed: changes.removed - held,
			failed,
			held,
		});
		result.directoryWrites += writes;
		result.held += held;
	}
	return some.flatMap(({ slice }, at) => ((answers[at]?.postponed ?? 0) > 0 ? [slice] : []));
}

function* settleNames(result: CourseResult, waiting: readonly Slice[]): Course<readonly Slice[]> {
	if (waiting.length === 0) return [];
	const [{ settled }] = (yield [{ name: 'settleNames', slices: waiting }]) as [{ settled: readonly SettledNames[] }];
	for (const { kind, failed, writes } of settled) {
		result.tallies = addTally(result.tallies, kind, { failed });
		result.directoryWrites += writes;
	}
	return [];
}

/** Looks for members whom the directory has though no file brought them, where no history would tell. */
function* readBack({ result, kinds, unread }: CourseState): Course<void> {
	const read = kinds.flatMap(({ kind, shards }) =>
		isMembership(kind) && unread.includes(kind) ? [{ kind, shards }] : [],
	);
	if (read.length === 0) return;
	for (const some of batches(shardsOf(read))) yield some.map((place) => ({ name: 'readBack', ...place }) as const);
	const [{ held, heldOf = {} }] = (yield [{ name: 'holdFound', kinds: read.map(({ kind }) => kind) }]) as [FoundHeld];
	result.held += held;
	for (const { kind } of read) result.tallies = addTally(result.tallies, kind, { held: heldOf[kind] ?? 0 });
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
	for (let at = 0; at < items.length; at += width) yield items.slice(at, at + width);
}
