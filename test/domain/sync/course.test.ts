import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import {
	type CourseResult,
	type CourseStep,
	courseOfRun,
	type Slice,
	StepFailed,
} from '../../../src/domain/sync/course.ts';

type Plans = Readonly<Partial<Record<RosterKind, readonly (readonly number[])[]>>>;

/** By kind and shard, how many records each slice adds. */
function drive(plans: Plans, answer: (step: CourseStep) => object | undefined = () => undefined) {
	const groups: CourseStep[][] = [];
	const course = courseOfRun();
	const answerOf = (step: CourseStep): object => {
		const given = answer(step);
		if (given) return given;
		if (step.name === 'shardRoster')
			return { kinds: Object.entries(plans).map(([kind, shards]) => ({ kind, shards: shards.length })) };
		if (step.name === 'compareShard') {
			const parts = plans[step.kind]?.[step.shard] ?? [];
			return { unchanged: 1, parts: parts.map((added) => ({ added, changed: 0, removed: 0 })) };
		}
		return step.name === 'applySlice' ? { failed: 0, writes: 1, held: 0 } : {};
	};
	let next = course.next();
	while (!next.done) {
		groups.push([...next.value]);
		try {
			next = course.next(next.value.map(answerOf));
		} catch (error) {
			next = course.throw(error);
		}
	}
	const slices = groups.flat().flatMap((step) => (step.name === 'applySlice' ? [step.slice] : []));
	return { groups, slices, result: next.value as CourseResult };
}

const plans = fc.dictionary(
	fc.constantFrom(...rosterKinds),
	fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
) as fc.Arbitrary<Plans>;

const phase: Readonly<Record<RosterKind, number>> = {
	school: 0,
	student: 1,
	teacher: 1,
	section: 2,
	studentEnrollment: 3,
	teacherRoster: 3,
};

describe('the course of a run', () => {
	test('begins, takes over the history, shards, and compares before it writes anything', () => {
		const { groups } = drive({ school: [[2]], student: [[3]] });
		expect(groups.map((steps) => steps.map(({ name }) => name))).toEqual([
			['beginRun'],
			['takeHistory'],
			['shardRoster'],
			['compareShard', 'compareShard'],
			['planRun'],
			['applySlice'],
			['applySlice'],
		]);
	});

	test('carries out every slice once, kind after kind, the last one of a shard after the others, four at a time', () => {
		fc.assert(
			fc.property(plans, (given) => {
				const { groups, slices, result } = drive(given);
				const wanted = Object.entries(given).flatMap(([kind, shards]) =>
					shards.flatMap((parts, shard) => parts.map((records, part) => ({ kind, shard, part, records }))),
				);
				const keyOf = ({ kind, shard, part, records }: Omit<Slice, 'number' | 'parts' | 'kind'> & { kind: string }) =>
					`${kind}/${shard}/${part}:${records}`;
				expect(slices.map(keyOf).sort()).toEqual(wanted.map(keyOf).sort());
				expect(groups.every((steps) => steps.length <= 4)).toBe(true);
				const phases = slices.map(({ kind }) => phase[kind]);
				expect(phases).toEqual([...phases].sort());
				for (const [at, { kind, shard, part, parts }] of slices.entries()) {
					if (part !== parts - 1) continue;
					const after = slices.slice(at + 1).filter((each) => each.kind === kind && each.shard === shard);
					expect(after).toEqual([]);
					const group = groups.find((steps) =>
						steps.some((step) => step.name === 'applySlice' && step.slice === slices[at]),
					);
					const beside = group?.filter(
						(step) => step.name === 'applySlice' && step.slice.kind === kind && step.slice.shard === shard,
					);
					expect(beside).toHaveLength(1);
				}
				for (const kind of rosterKinds) {
					const numbers = slices.filter((slice) => slice.kind === kind).map(({ number }) => number);
					expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, at) => at));
					const added = (given[kind] ?? []).flat().reduce((sum, count) => sum + count, 0);
					if (given[kind]) expect(result.tallies[kind]).toMatchObject({ added, unchanged: given[kind].length });
				}
				expect(result.directoryWrites).toBe(slices.length);
			}),
		);
	});

	test('ends with the sentence of a step that cannot succeed, and counts what was done before', () => {
		const { result, slices } = drive({ school: [[2]], student: [[3], [4]] }, (step) => {
			if (step.name === 'applySlice' && step.slice.kind === 'student') throw new StepFailed('No accepted file.');
			return undefined;
		});
		expect(slices.map(({ kind }) => kind)).toEqual(['school', 'student', 'student']);
		expect(result).toMatchObject({
			failure: 'No accepted file.',
			directoryWrites: 1,
			tallies: { school: { added: 2, unchanged: 1 }, student: { added: 0, unchanged: 2 } },
		});
	});

	test('says in its own words that a service did not answer', () => {
		const { result } = drive({}, (step) => {
			if (step.name === 'shardRoster') throw new Error('ECONNREFUSED 10.0.0.1, key of Vera');
			return undefined;
		});
		expect(result.failure).toContain('a service that it needs did not answer');
	});
});
