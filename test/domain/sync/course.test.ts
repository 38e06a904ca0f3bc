import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	type CourseResult,
	type CourseState,
	type CourseStep,
	courseOfRun,
	type Slice,
	StepFailed,
} from '../../../src/domain/sync/course.ts';
import { type SyncKind, syncKinds } from '../../../src/domain/sync/sync-kinds.ts';

type Plans = Readonly<Partial<Record<SyncKind, readonly (readonly number[])[]>>>;

/** By kind and shard, how many records each slice adds. */
function drive(plans: Plans, answer: (step: CourseStep) => object | undefined = () => undefined) {
	const groups: CourseStep[][] = [];
	const answerOf = (step: CourseStep): object => {
		const given = answer(step);
		if (given) return given;
		if (step.name === 'shardRoster')
			return { kinds: Object.entries(plans).map(([kind, shards]) => ({ kind, shards: shards.length })) };
		if (step.name === 'compareShard') {
			const parts = plans[step.kind]?.[step.shard] ?? [];
			return { unchanged: 1, parts: parts.map((added) => ({ added, changed: 0, removed: 0 })) };
		}
		if (step.name === 'takeHistory') return { unread: [] };
		return step.name === 'applySlice' ? { failed: 0, writes: 1, held: 0 } : {};
	};
	let result: CourseResult | undefined;
	let legs = 0;
	for (let rest: CourseState | undefined; !result; legs++) {
		const course = courseOfRun(rest);
		let next = course.next();
		while (!next.done) {
			groups.push([...next.value]);
			try {
				next = course.next(next.value.map(answerOf));
			} catch (error) {
				next = course.throw(error);
			}
		}
		if ('result' in next.value) result = next.value.result;
		else rest = JSON.parse(JSON.stringify(next.value.rest)) as CourseState;
	}
	const slices = groups.flat().flatMap((step) => (step.name === 'applySlice' ? [step.slice] : []));
	return { groups, slices, legs, result };
}

const plans = fc.dictionary(
	fc.constantFrom(...syncKinds),
	fc.array(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
) as fc.Arbitrary<Plans>;

const phase: Readonly<Record<SyncKind, number>> = {
	school: 0,
	student: 1,
	teacher: 1,
	section: 2,
	studentEnrollment: 3,
	teacherRoster: 3,
	schoolStudent: 3,
	schoolTeacher: 3,
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
				for (const kind of syncKinds) {
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

	test('goes on in legs, so that a long one stays small, and does the same', () => {
		const parts = Array.from({ length: 150 }, () => 1);
		const { legs, slices, result } = drive({ student: [parts, parts], studentEnrollment: [parts] });
		expect(legs).toBe(3);
		expect(slices).toHaveLength(450);
		expect(result.tallies).toMatchObject({ student: { added: 300 }, studentEnrollment: { added: 150 } });
		expect(new Set(slices.map(({ kind, shard, part }) => `${kind}/${shard}/${part}`)).size).toBe(450);
	});

	test('reads back the kinds of which no history was kept, once all is written, and holds what it finds', () => {
		const { groups, result } = drive(
			{ student: [[2]], studentEnrollment: [[3], [3]], teacherRoster: [[1]] },
			(step) => {
				if (step.name === 'takeHistory') return { unread: ['studentEnrollment', 'schoolTeacher'] };
				return step.name === 'holdFound' ? { held: 5 } : undefined;
			},
		);
		expect(groups.slice(-2)).toEqual([
			[
				{ name: 'readBack', kind: 'studentEnrollment', shard: 0 },
				{ name: 'readBack', kind: 'studentEnrollment', shard: 1 },
			],
			[{ name: 'holdFound', kinds: ['studentEnrollment'] }],
		]);
		expect(result.held).toBe(5);
	});

	test('tells the directory of new ids first, unless it is a dry run, and looks for others only where records come and are gone', () => {
		const part = (added: number) => ({ added, changed: 0, removed: 0, groups: 0, digest: '' });
		const looked = (isDryRun: boolean, gone: number) =>
			drive({ student: [[2], [3]], section: [[1]], studentEnrollment: [[4]] }, (step) => {
				if (step.name === 'beginRun') return { isDryRun };
				if (step.name === 'takeHistory') return { unread: [], rekeys: true };
				if (step.name === 'findRekeyed')
					return {
						held: 6,
						left: [
							{ at: 0, changes: part(1) },
							{ at: 1, changes: part(0) },
							{ at: 3, changes: part(2) },
						],
					};
				if (step.name !== 'compareShard' || step.kind !== 'student') return undefined;
				return { unchanged: 1, gone, parts: [part(step.shard === 0 ? 2 : 3)] };
			});
		const names = ({ groups }: ReturnType<typeof drive>) => groups.flat().map(({ name }) => name);
		expect(names(looked(false, 0))).not.toContain('findRekeyed');
		expect(names(looked(true, 0))).not.toContain('rekey');
		const { groups, slices, result } = looked(false, 1);
		expect(
			groups
				.slice(1, 4)
				.flat()
				.map(({ name }) => name),
		).toEqual(['takeHistory', 'rekey', 'shardRoster']);
		expect(groups.flat().find(({ name }) => name === 'findRekeyed')).toMatchObject({ kinds: ['student'] });
		// A shard of which nothing is left is left alone.
		expect(slices.map(({ kind, shard, records }) => [kind, shard, records])).toEqual([
			['student', 0, 1],
			['section', 0, 1],
			['studentEnrollment', 0, 2],
		]);
		expect(result).toMatchObject({ held: 6, tallies: { student: { added: 1 }, studentEnrollment: { added: 2 } } });
	});
});
