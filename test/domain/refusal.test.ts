import { describe, expect, test } from 'vitest';
import { mayStartByItself, type Refusal, staleKinds } from '../../src/domain/refusal.ts';
import { type RosterKind, rosterKinds } from '../../src/domain/roster/format/kinds.ts';

/** A complete set in which the named kinds are new since the refusal. */
const uploads = (...replaced: RosterKind[]) =>
	new Map(rosterKinds.map((kind) => [kind, { etag: replaced.includes(kind) ? 'new' : `old-${kind}` }]));

function refused(...faultyKinds: RosterKind[]): Refusal {
	const etags = Object.fromEntries(rosterKinds.map((kind) => [kind, `old-${kind}`]));
	return { runId: 'run', setId: 'set', byDrop: true, etags, faultyKinds };
}

describe('a set that has rested', () => {
	test('starts by itself if nothing was refused', () => {
		expect(mayStartByItself(uploads(), undefined)).toBe(true);
	});

	test.each<[RosterKind[], RosterKind[], boolean]>([
		[['student'], [], false],
		[['student'], ['student'], true],
		[['student', 'section'], ['student'], false],
		[['student', 'section'], ['section', 'student'], true],
		// Whoever replaces another file too is replacing all of them.
		[['student'], ['school'], false],
		[['student'], ['student', 'school'], false],
		[['student'], ['school', 'section', 'student', 'teacher', 'studentEnrollment'], false],
		[['student'], [...rosterKinds], true],
		[[...rosterKinds], ['school', 'section', 'student', 'teacher', 'studentEnrollment'], false],
		[[...rosterKinds], [...rosterKinds], true],
		// An error that names no file of the roster cannot be mended by a file of it.
		[[], ['student'], false],
		[[], [], false],
	])('after errors in %j, with %j replaced, starts by itself: %s', (faulty, replaced, expected) => {
		expect(mayStartByItself(uploads(...replaced), refused(...faulty))).toBe(expected);
	});

	test('starts by itself once the file arrives that was missing', () => {
		const { etags, ...rest } = refused('teacher');
		const { teacher: _, ...present } = etags;
		expect(mayStartByItself(uploads('teacher'), { ...rest, etags: present })).toBe(true);
	});
});

test('stale are the files in the very version that was refused', () => {
	expect(staleKinds(uploads('school', 'teacher'), refused('school'))).toEqual([
		'section',
		'student',
		'studentEnrollment',
		'teacherRoster',
	]);
	expect(staleKinds(uploads(), undefined)).toEqual([]);
});
