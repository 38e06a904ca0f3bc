import { expect, test } from 'vitest';
import { playEvents } from '../../support/worlds/event-schedule.ts';

/** `EVENT_SCHEDULES=100000 EVENT_SCHEDULE_SEED=…` for more than those of every build, or others. */
const count = Number(process.env.EVENT_SCHEDULES ?? 500);
const firstSeed = Number(process.env.EVENT_SCHEDULE_SEED ?? 1);
/** Only catches a hang. */
const limitMs = 240_000 + count * 1_000;

test(
	`${count} schedules of doubled, late and reordered events lead to one run for each complete set`,
	async () => {
		let deliveries = 0;
		for (let seed = firstSeed; seed < firstSeed + count; seed++) {
			const played = await playEvents(seed);
			deliveries += played.deliveries;
			const told = `Seed ${seed}\n${played.story.join('\n')}`;
			expect(played.runs, told).toEqual(played.sets);
			expect(played.left, told).toEqual([]);
		}
		expect(deliveries).toBeGreaterThan(count * 12);
	},
	limitMs,
);
