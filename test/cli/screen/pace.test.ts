import { expect, test } from 'vitest';
import { addSample, type PaceSample, paceOf } from '../../../src/cli/screen/pace.ts';

const collect = (samples: PaceSample[]) => samples.reduce<PaceSample[]>((all, next) => addSample(all, next), []);

test('paceOf() tells records per second and the time left', () => {
	const samples = collect([
		{ atMs: 0, done: 0 },
		{ atMs: 2_000, done: 500 },
	]);
	expect(paceOf(samples, 1_000)).toEqual({ perSecond: 250, leftMs: 2_000 });
});

test('paceOf() says nothing before there is anything to tell', () => {
	expect(paceOf([], 10)).toBeUndefined();
	expect(paceOf([{ atMs: 0, done: 5 }], 10)).toBeUndefined();
	expect(
		paceOf(
			[
				{ atMs: 0, done: 0 },
				{ atMs: 999, done: 5 },
			],
			10,
		),
	).toBeUndefined();
});

test('paceOf() says nothing while nothing moves, rather than "never"', () => {
	expect(
		paceOf(
			[
				{ atMs: 0, done: 5 },
				{ atMs: 5_000, done: 5 },
			],
			10,
		),
	).toBeUndefined();
});

test('addSample() forgets what is too old to tell the present pace', () => {
	const samples = collect([
		{ atMs: 0, done: 0 },
		{ atMs: 60_000, done: 60_000 },
		{ atMs: 62_000, done: 60_020 },
	]);
	expect(paceOf(samples, 60_040)).toEqual({ perSecond: 10, leftMs: 2_000 });
});

test('addSample() starts afresh when the count goes back', () => {
	expect(addSample([{ atMs: 0, done: 100 }], { atMs: 1_000, done: 3 })).toEqual([{ atMs: 1_000, done: 3 }]);
});
