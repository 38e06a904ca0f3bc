import { isMembership, type RosterKind } from '../roster/format/kinds.ts';
import type { SlicePlace } from './history.ts';
import type { SliceResult } from './journal.ts';
import { type PlannedChanges, recordsIn } from './plan.ts';
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
	kind: RosterKind;
	shards: number;
}

/** How a shard differs from what was achieved, and what each slice of its plan is to do. */
export interface ShardPlan {
	unchanged: number;
	parts: readonly PlannedChanges[];
}

/** What a run does next. Steps that are asked for together may be done side by side. */
export type CourseStep =
	| { name: 'beginRun' }
	| { name: 'takeHistory' }
	| { name: 'shardRoster' }
	| { name: 'compareShard'; kind: RosterKind; shard: number }
	| { name: 'weighRemovals'; slices: readonly Slice[]; shards: readonly KindShards[] }
	| { name: 'planRun'; planned: readonly Slice[] }
	| { name: 'applySlice'; slice: Slice };

/** What a run came to. */
export interface CourseResult {
	tallies: Tallies;
	directoryWrites: number;
	/** Removals that were left out. */
	held: number;
	/** Why the run could not go on. */
	failure?: string;
}

/** A step that would fail again however often it is tried; the message is a sentence for whoever owns the profile. */
export class StepFailed extends Error {}

/** Steps under way at once. More would not be faster: the directory's own limits come first. */
const width = 4;

/** What may be written side by side; each group needs the ids that the ones before it brought. */
const applyOrder: readonly (readonly RosterKind[])[] = [
	['school'],
	['student', 'teacher'],
	['section'],
	['studentEnrollment', 'teacherRoster'],
];

const outage =
	'The sync could not go on: a service that it needs did not answer. What was written so far stays; start again with the same files, or reset the profile.';

type Course<T> = Generator<readonly CourseStep[], T, readonly unknown[]>;

/**
 * The order of a run's steps: begin, take over the history, shard, compare, apply group by group. It only decides: whoever drives it does
 * the steps that it yields, and hands their answers back in the same order, or throws what one of them threw. What was done before
 * a failure counts.
 */
export function* courseOfRun(): Course<CourseResult> {
	const result: CourseResult = { tallies: {}, directoryWrites: 0, held: 0 };
	try {
		yield [{ name: 'beginRun' }];
		yield [{ name: 'takeHistory' }];
		const { slices, kinds: shards } = yield* plan(result);
		const removing = slices.filter(({ slice, changes }) => isMembership(slice.kind) && changes.removed > 0);
		if (removing.length > 0) {
			// Whoever is moved is added elsewhere: all changes of classes are looked at.
			const memberships = slices.filter(({ slice }) => isMembership(slice.kind)).map(({ slice }) => slice);
			yield [{ name: 'weighRemovals', slices: memberships, shards }];
		}
		yield [{ name: 'planRun', planned: slices.map(({ slice }) => slice) }];
		for (const kinds of applyOrder) {
			const ofGroup = slices.filter(({ slice }) => kinds.includes(slice.kind));
			// The last slice of a shard commits it, and so comes after the others.
			const isLast = ({ slice }: PlannedSlice) => slice.part === slice.parts - 1;
			yield* apply(
				result,
				ofGroup.filter((each) => !isLast(each)),
			);
			yield* apply(result, ofGroup.filter(isLast));
		}
	} catch (error) {
		result.failure = error instanceof StepFailed ? error.message : outage;
	}
	return result;
}

interface PlannedSlice {
	slice: Slice;
	changes: PlannedChanges;
}

function* plan(result: CourseResult): Course<{ slices: readonly PlannedSlice[]; kinds: readonly KindShards[] }> {
	const [{ kinds }] = (yield [{ name: 'shardRoster' }]) as [{ kinds: readonly KindShards[] }];
	const shards = kinds.flatMap(({ kind, shards: count }) =>
		Array.from({ length: count }, (_, shard) => ({ name: 'compareShard', kind, shard }) as const),
	);
	const slices: PlannedSlice[] = [];
	const numbers = new Map<RosterKind, number>();
	for (const some of batches(shards)) {
		const plans = (yield some) as readonly ShardPlan[];
		for (const [at, { unchanged, parts }] of plans.entries()) {
			const { kind, shard } = some[at] as { kind: RosterKind; shard: number };
			result.tallies = addTally(result.tallies, kind, { unchanged });
			for (const [part, changes] of parts.entries()) {
				const number = numbers.get(kind) ?? 0;
				numbers.set(kind, number + 1);
				const records = recordsIn(changes);
				slices.push({ slice: { kind, shard, part, number, parts: parts.length, records }, changes });
			}
		}
	}
	return { slices, kinds };
}

function* apply(result: CourseResult, slices: readonly PlannedSlice[]): Course<void> {
	for (const some of batches(slices)) {
		const steps = some.map(({ slice }) => ({ name: 'applySlice', slice }) as const);
		const answers = (yield steps) as readonly SliceResult[];
		for (const [at, { failed, writes, held }] of answers.entries()) {
			const { slice, changes } = some[at] as PlannedSlice;
			result.tallies = addTally(result.tallies, slice.kind, { ...changes, removed: changes.removed - held, failed });
			result.directoryWrites += writes;
			result.held += held;
		}
	}
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
	for (let at = 0; at < items.length; at += width) yield items.slice(at, at + width);
}
