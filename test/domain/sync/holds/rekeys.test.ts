import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	type ClassMembers,
	likelyClasses,
	type RekeyedPair,
	rekeyedClasses,
	rekeyedPeople,
	rekeyedSchools,
	standing,
} from '../../../../src/domain/sync/holds/rekeys.ts';
import { renamingOf } from '../../../../src/domain/sync/holds/renamed-keys.ts';
import { leavesOut, Movers } from '../../../../src/domain/sync/left-out.ts';
import { planOps } from '../../../../src/domain/sync/plan.ts';

const fromTo = (pairs: readonly RekeyedPair[]) => pairs.map(({ from, to }) => `${from}>${to}`);

describe('people', () => {
	const gone = new Map([['x', '1']]);
	const person = (sisId: string, holder: string, isNew = true) => ({ sisId, holder, isNew });

	test('are the same if a new one has the account of one that is gone', () => {
		const pairs = rekeyedPeople({ gone, known: new Map() }, [person('2', 'x'), person('3', 'stranger')]);
		expect(pairs).toEqual([{ from: '1', to: '2', id: 'x', evidence: 'username' }]);
	});

	test('are nobody if two want the account', () => {
		expect(rekeyedPeople({ gone, known: new Map() }, [person('2', 'x'), person('3', 'x')])).toEqual([]);
	});

	test('are found where one has the old id of another, as long as the chain comes to an end', () => {
		const known = new Map([
			['y', '2'],
			['z', '3'],
		]);
		const chain = [person('2', 'x', false), person('3', 'y', false), person('4', 'z')];
		expect(fromTo(rekeyedPeople({ gone, known }, chain))).toEqual(['1>2', '2>3', '3>4']);
		expect(rekeyedPeople({ gone, known }, chain.slice(0, 2))).toEqual([]);
		expect(rekeyedPeople({ gone, known }, chain.slice(1))).toEqual([]);
	});

	test('who exchange their names are not', () => {
		const known = new Map([
			['y', '2'],
			['z', '3'],
		]);
		expect(rekeyedPeople({ gone, known }, [person('2', 'z', false), person('3', 'y', false)])).toEqual([]);
	});

	test('of any renumbering are all found, each once, whatever part of the ids overlaps', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 80 }), (count, shift) => {
				const keys = Array.from({ length: count }, (_, at) => at);
				const isKept = (id: number) => id < count;
				const isGone = (id: number) => id < Math.min(shift, count);
				const idsWhere = (test: (key: number) => boolean) =>
					new Map(keys.filter(test).map((key) => [`object ${key}`, String(key)]));
				const people = keys.map((key) => person(String(key + shift), `object ${key}`, !isKept(key + shift)));
				const pairs = rekeyedPeople({ gone: idsWhere(isGone), known: idsWhere((key) => !isGone(key)) }, people);
				expect(new Set(fromTo(pairs))).toEqual(new Set(keys.map((key) => `${key}>${key + shift}`)));
				expect(pairs).toHaveLength(count);
			}),
		);
	});
});

test('schools are the same by a name that no other has, in whatever case', () => {
	const school = (sisId: string, name: string) => ({ sisId, id: `id of ${sisId}`, name });
	const gone = [school('1', 'Birch School'), school('2', 'Alder'), school('3', 'Twin'), school('4', 'Twin')];
	const come = [school('01', 'BIRCH SCHOOL'), school('02', 'Alder'), school('002', 'Alder'), school('03', 'Twin')];
	expect(rekeyedSchools(gone, come)).toEqual([{ from: '1', to: '01', id: 'id of 1', evidence: 'name' }]);
	expect(fromTo(rekeyedSchools([school('1', 'E\u0301cole')], [school('2', 'École ')]))).toEqual(['1>2']);
});

describe('classes', () => {
	const section = (sisId: string, name = 'Maths 7', schoolId = 'north') => ({
		sisId,
		id: `id of ${sisId}`,
		name,
		schoolId,
	});
	const people = (students: readonly number[], teachers: readonly number[] = []): ClassMembers => ({
		students,
		teachers,
	});
	const find = (
		gone: readonly [ReturnType<typeof section>, ClassMembers][],
		come: readonly [ReturnType<typeof section>, ClassMembers][],
	) => {
		const members = new Map([...gone, ...come].map(([{ sisId }, own]) => [sisId, own]));
		const sides = likelyClasses({ gone: gone.map(([each]) => each), come: come.map(([each]) => each) });
		return fromTo(rekeyedClasses(sides, (sisId) => members.get(sisId) as ClassMembers));
	};
	const ten = Array.from({ length: 10 }, (_, at) => at);

	test.each([
		['the same people', section('2'), people(ten, [1]), ['1>2']],
		['six of ten', section('2'), people([0, 1, 2, 3, 4, 90, 91, 92, 93], [1]), []],
		['most of the people', section('2'), people([0, 1, 2, 3, 4, 5, 6, 90, 91], [1]), ['1>2']],
		['another teacher', section('2'), people(ten, [2]), []],
		['no teacher yet', section('2'), people(ten), ['1>2']],
		['another name', section('2', 'Maths 8'), people(ten, [1]), []],
		['another school', section('2', 'Maths 7', 'south'), people(ten, [1]), []],
		['nobody', section('2'), people([]), []],
	])('with %s', (_, come, members, expected) => {
		expect(find([[section('1'), people(ten, [1])]], [[come, members]])).toEqual(expected);
	});

	test('that are empty on both sides have nothing to show for it', () => {
		expect(find([[section('1'), people([])]], [[section('2'), people([])]])).toEqual([]);
	});

	test('of which two are alike are not proposed, and others are', () => {
		const twin = people(ten, [1]);
		expect(
			find(
				[
					[section('1'), twin],
					[section('2', 'Art'), twin],
				],
				[
					[section('01'), twin],
					[section('001'), twin],
					[section('02', 'Art'), twin],
				],
			),
		).toEqual(['2>02']);
	});

	test('are those that a look at every pair finds', () => {
		const members = fc.record({
			students: fc.uniqueArray(fc.integer({ min: 0, max: 9 })),
			teachers: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
		});
		const sides = fc.array(fc.tuple(fc.constantFrom('Maths', 'Art'), fc.constantFrom('n', 's'), members), {
			maxLength: 6,
		});
		fc.assert(
			fc.property(sides, sides, (gone, come) => {
				const numbered = (side: typeof gone, prefix: string) =>
					side.map(
						([name, school, own], at) =>
							[section(`${prefix}${at}`, name, school), own] as [ReturnType<typeof section>, ClassMembers],
					);
				const [old, young] = [numbered(gone, 'g'), numbered(come, 'c')];
				const alike = old.flatMap(([a, one]) =>
					young.filter(([b, two]) => isAlike(a, b) && isShared(one, two)).map(([b]) => [a.sisId, b.sisId] as const),
				);
				const once = (id: string, side: 0 | 1) => alike.filter((pair) => pair[side] === id).length === 1;
				const expected = alike.filter(([a, b]) => once(a, 0) && once(b, 1)).map(([a, b]) => `${a}>${b}`);
				expect(find(old, young)).toEqual(expected.sort());
			}),
			{ numRuns: 500 },
		);
	});

	const isAlike = (one: ReturnType<typeof section>, two: ReturnType<typeof section>) =>
		one.name === two.name && one.schoolId === two.schoolId;
	const common = (one: readonly number[], two: readonly number[]) => one.filter((each) => two.includes(each)).length;
	function isShared(one: ClassMembers, two: ClassMembers): boolean {
		const teachers = common(one.teachers, two.teachers);
		const shared = common(one.students, two.students) + teachers;
		const sizes = [one, two].map((each) => each.students.length + each.teachers.length);
		const mayHaveTeachers = one.teachers.length === 0 || two.teachers.length === 0 || teachers > 0;
		return shared > 0 && mayHaveTeachers && sizes.every((size) => shared / size >= 0.6 - 1e-9);
	}
});

const pair = (from: string, to: string): RekeyedPair => ({ from, to, id: `id of ${from}`, evidence: 'username' });

test('pairs that are carried out already are not carried out again, in chains neither', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 25 }), (count, shift) => {
			const pairs = Array.from({ length: count }, (_, at) => pair(String(at), String(at + shift)));
			const before = new Map(pairs.map(({ from, id }) => [from, id]));
			expect(standing(pairs, (sisId) => before.get(sisId))).toEqual(pairs);
			const after = new Map(pairs.map(({ to, id }) => [to, id]));
			expect(standing(pairs, (sisId) => after.get(sisId))).toEqual([]);
		}),
	);
	const taken = new Map([
		['1', 'id of 1'],
		['2', 'somebody'],
	]);
	expect(standing([pair('1', '2')], (sisId) => taken.get(sisId))).toEqual([]);
});

const bytes = (text: string) => Buffer.from(text);

test('keys of a history change all at once, and what was begun under a new id goes', () => {
	const rekeys = { student: [pair('1', '2'), pair('2', '3')], section: [pair('C', 'D')] };
	const rename = (kind: 'student' | 'studentEnrollment', key: string) => {
		const renamed = renamingOf(kind, rekeys, 7)?.(bytes(key));
		return renamed && Buffer.from(renamed).toString();
	};
	expect(['1', '2', '3', '4'].map((key) => rename('student', key))).toEqual(['2', '3', undefined, '4']);
	const lines = ['C\x1f1', 'C\x1f9', 'E\x1f2', 'D\x1f1', 'E\x1f3', 'E\x1f9'];
	expect(lines.map((line) => rename('studentEnrollment', line))).toEqual([
		'D\x1f2',
		'D\x1f9',
		'E\x1f3',
		undefined,
		undefined,
		'E\x1f9',
	]);
	expect(renamingOf('school', rekeys, 7)).toBeUndefined();
	expect(renamingOf('schoolTeacher', rekeys, 7)).toBeUndefined();
});

test('what is left out names an old or a new id, or takes somebody from a class before the next one is there', () => {
	const rekeys = { student: [pair('1', '2')], section: [pair('C', 'D')], school: [pair('S', 'T')] };
	const waiting = { sections: ['W', 'X'], absent: ['X'], movers: { studentEnrollment: ['7'] } };
	const isLeftOut = leavesOut(rekeys, waiting, 7);
	const told = (kind: Parameters<typeof isLeftOut>[0], op: number, lines: readonly string[]) =>
		lines.filter((line) => isLeftOut(kind, op, bytes(line)));
	expect(told('student', planOps.remove, ['1', '2', '3'])).toEqual(['1', '2']);
	expect(told('teacher', planOps.add, ['1\x1fAnn'])).toEqual([]);
	expect(told('section', planOps.change, ['W\x1fMaths', 'D\x1fMaths', 'E\x1fS'])).toEqual(['W\x1fMaths', 'D\x1fMaths']);
	const enrollments = ['E\x1f1', 'D\x1f9', 'X\x1f9', 'W\x1f9', 'E\x1f9', 'E\x1f7'];
	expect(told('studentEnrollment', planOps.add, enrollments)).toEqual(enrollments.slice(0, 3));
	expect(told('studentEnrollment', planOps.remove, enrollments)).toEqual([...enrollments.slice(0, 3), 'E\x1f7']);
	expect(told('schoolTeacher', planOps.add, ['T\x1f1', 'U\x1f1'])).toEqual(['T\x1f1']);
});

test('people who come to what waits, and leave something else, are known once all lines were seen', () => {
	const movers = new Movers(7);
	for (const line of ['D\x1f1', 'D\x1f2', 'X\x1f1']) movers.comes(bytes(line));
	for (const line of ['E\x1f1', 'F\x1f1', 'E\x1f3']) movers.leaves(bytes(line));
	expect(movers.sisIds).toEqual(['1']);
});
