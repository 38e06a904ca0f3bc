import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/ports.ts';

/** Timers count on another clock than that of the day, and may be a moment early by it. */
const earlyMs = 2;

/** The contract of the port, for every clock. */
export function clockSuite(name: string, open: () => Clock): void {
	describe(`a clock ${name}`, () => {
		test('has gone on when a sleep is over, by so much as was asked for', async () => {
			const clock = open();
			for (const milliseconds of [0, 1, 30]) {
				const before = clock.now().getTime();
				await clock.sleep(milliseconds);
				expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(milliseconds - earlyMs);
			}
		});

		test('gives times that are nobody else’s', () => {
			const clock = open();
			const before = clock.now();
			clock.now().setFullYear(1999);
			expect(clock.now().getTime()).toBeGreaterThanOrEqual(before.getTime());
		});
	});
}
