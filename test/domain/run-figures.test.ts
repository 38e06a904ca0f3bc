import { describe, expect, test } from 'vitest';
import { sumOfProgress } from '../../src/domain/run.ts';
import { figuresOf, type PhaseProgress } from '../../src/domain/run-figures.ts';

const progress = (phase: PhaseProgress['phase'], done: number, total: number, seconds?: number): PhaseProgress => ({
	phase,
	done,
	total,
	...(seconds === undefined
		? {}
		: { since: '2026-03-02T08:00:00.000Z', until: new Date(Date.UTC(2026, 2, 2, 8, 0, seconds)).toISOString() }),
});

describe('the figures of a run', () => {
	test('count what is to be written, at the rate of the phase that is under way', () => {
		const reported = [progress('shard', 9, 9, 1), progress('users', 50, 100, 20), progress('memberships', 0, 300)];
		expect(figuresOf({ phase: 'users' }, reported)).toEqual({
			phases: [
				{ phase: 'shard', done: 9, total: 9 },
				{ phase: 'users', done: 50, total: 100 },
				{ phase: 'memberships', done: 0, total: 300 },
			],
			recordsPerSecond: 2.5,
			percent: 12,
			secondsLeft: 140,
		});
	});

	test('say nothing of the time that is left before it is known what is to be written', () => {
		const figures = figuresOf({ phase: 'shard' }, [progress('shard', 500, 1_000, 2), progress('users', 0, 0)]);
		expect(figures).toEqual({ phases: [{ phase: 'shard', done: 500, total: 1_000 }], recordsPerSecond: 250 });
	});

	test('have no rate before the first records of the phase are done, or where no time has passed', () => {
		for (const users of [progress('users', 0, 10, 5), progress('users', 5, 10), progress('users', 5, 10, 0)]) {
			const figures = figuresOf({ phase: 'users' }, [users]);
			expect(figures).not.toHaveProperty('recordsPerSecond');
			expect(figures).not.toHaveProperty('secondsLeft');
			expect(figures.percent).toBe(users.done * 10);
		}
	});

	test('of a run that came to its end are a hundred percent, and of another nothing', () => {
		expect(figuresOf({ phase: 'finish', outcome: 'error' }, [])).toEqual({ phases: [], percent: 100 });
		expect(figuresOf({ phase: 'users', outcome: 'failed' }, [])).toEqual({ phases: [] });
	});
});

test('the sum of progress begins with the first step and ends with the last', () => {
	const [early, noon, late] = ['2026-03-02T08:00:00Z', '2026-03-02T12:00:00Z', '2026-03-02T20:00:00Z'] as const;
	const steps = [
		{ done: 1, total: 2, since: noon, until: noon },
		{ done: 0, total: 5 },
		{ done: 3, total: 3, writes: 4, since: early, until: late },
	];
	expect(sumOfProgress(steps)).toEqual({ done: 4, total: 10, writes: 4, since: early, until: late });
	expect(sumOfProgress([])).toEqual({ done: 0, total: 0, writes: 0 });
});
