import { describe, expect, test } from 'vitest';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { AcceptedFile } from '../../../src/domain/run.ts';
import { takenForDrop, takenForStart } from '../../../src/domain/uploads/taken-files.ts';

const noon = Date.parse('2026-03-02T12:00:00Z');
const minutes = (count: number) => count * 60_000;

const uploads = (kinds: readonly RosterKind[], at = noon) =>
	new Map(kinds.map((kind) => [kind, { lastModified: new Date(at) }]));

function taken({ at = noon - minutes(5), stale = [] as readonly RosterKind[] } = {}): readonly AcceptedFile[] {
	return rosterKinds.map((kind) => ({
		kind,
		name: `${kind}.csv`,
		etag: `taken-${kind}`,
		writtenDateTime: new Date(at).toISOString(),
		...(stale.includes(kind) ? { isStale: true } : {}),
	}));
}

const kindsOf = (files: readonly AcceptedFile[]) => files.map(({ kind }) => kind);
const others = (...kinds: RosterKind[]) => rosterKinds.filter((kind) => !kinds.includes(kind));

describe('a start that a client asks for', () => {
	test('has what was taken of the same upload, but for the kinds that came since', () => {
		expect(kindsOf(takenForStart(uploads(['student']), taken()))).toEqual(others('student'));
		expect(kindsOf(takenForStart(uploads(rosterKinds), taken()))).toEqual([]);
	});

	test('has nothing back where nothing was uploaded since', () => {
		expect(takenForStart(uploads([]), taken())).toEqual([]);
	});

	test('has files as far apart as one upload URL allows, and none of the day before', () => {
		const anHour = noon - minutes(60);
		expect(kindsOf(takenForStart(uploads(['student']), taken({ at: anHour })))).toEqual(others('student'));
		expect(takenForStart(uploads(['student']), taken({ at: anHour - 1 }))).toEqual([]);
	});

	test('has a refused set and what mended it, however long ago', () => {
		const mended = taken({ at: noon - minutes(600), stale: others('student', 'section') });
		expect(kindsOf(takenForStart(uploads(['school']), mended))).toEqual(others('school'));
	});

	test('has nothing of a record that does not say when its files were written', () => {
		const old = taken().map(({ writtenDateTime: _, ...file }) => file);
		expect(takenForStart(uploads(['student']), old)).toEqual([]);
	});
});

describe('an automatic start', () => {
	const mended = taken({ at: noon - minutes(600), stale: others('student') });

	test('has what mended a refused set once all the rest is new', () => {
		expect(kindsOf(takenForDrop(uploads(others('student')), mended))).toEqual(['student']);
	});

	test.each([[[]], [['school']], [others('student', 'teacherRoster')]] as RosterKind[][][])(
		'has nothing back while only %j are new',
		(kinds) => {
			expect(takenForDrop(uploads(kinds), mended)).toEqual([]);
		},
	);

	test('never mixes two whole uploads', () => {
		expect(takenForDrop(uploads(others('student')), taken())).toEqual([]);
	});
});
