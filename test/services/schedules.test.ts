import { describe, expect, test } from 'vitest';
import { playSchedule } from '../support/schedules/play.ts';

/** `SCHEDULES=100000 SCHEDULE_SEED=… npm test schedules` for more than the slice of every build, or another one. */
const count = Number(process.env.SCHEDULES ?? 200);
/** Only catches a hang, however many are asked for. */
const limitMs = 240_000 + count * 1_000;
const firstSeed = Number(process.env.SCHEDULE_SEED ?? 1);

describe('a profile', () => {
	test(
		`stands ${count} schedules of uploads, late and doubled events, starts, pauses, resets and deletes`,
		async () => {
			for (let seed = firstSeed; seed < firstSeed + count; seed++) {
				const { faults, schedule, history } = await playSchedule(seed);
				const story = `Seed ${seed}: ${JSON.stringify(schedule)}\n${history.join('\n')}\n`;
				expect(faults, story).toEqual([]);
			}
		},
		limitMs,
	);

	test('has the same history whenever a seed is played', async () => {
		const { history } = await playSchedule(firstSeed);
		expect(history.length).toBeGreaterThan(0);
		expect((await playSchedule(firstSeed)).history).toEqual(history);
	});
});
