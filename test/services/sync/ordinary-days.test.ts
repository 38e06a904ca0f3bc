import { expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import { schoolLife } from '../../support/rosters/school-life.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const dayMs = 24 * 60 * 60 * 1000;
const daysOfTerm = 50;

/** `ORDINARY_DAYS=1000 ORDINARY_DAYS_SEED=…` for more of them than in every build, or others. */
const days = Number(process.env.ORDINARY_DAYS ?? 101);

test(`${days} ordinary days hold nothing, be it the turn of a term or of a year that was declared`, async () => {
	const random = seededRandom(Number(process.env.ORDINARY_DAYS_SEED ?? 23));
	const life = schoolLife(random);
	const world = runWorld({ status: 'inProgress' });
	const sync = async () => {
		await world.change({ status: 'inProgress' });
		const run = await world.accept(life.files());
		const { tallies } = await world.carry(run);
		for (const kind of ['student', 'teacher', 'section'] as const) expect(tallies[kind]?.failed, kind).toBe(0);
		return (await readHolds(world.deps, run)).holds;
	};
	await sync();
	const held: string[] = [];
	for (let day = 1; day <= days; day++) {
		world.clock.pass(dayMs);
		const isTurn = day % daysOfTerm === 0;
		const isNewYear = day % (2 * daysOfTerm) === 0;
		const today = world.clock.now().toISOString().slice(0, 10);
		await world.change({ safety: isNewYear ? { newSchoolYear: { from: today, to: today } } : {} });
		if (isNewYear) life.newYear();
		else if (isTurn) life.newTerm();
		life.ordinary();
		const holds = await sync();
		if (holds.length > 0) held.push(`day ${day}: ${JSON.stringify(holds)}`);
		else if (isTurn)
			expect(Object.fromEntries(Object.entries(world.members()).filter(([, own]) => own.length > 0))).toEqual(
				life.classesOf(),
			);
	}
	expect(held.length, held.join('\n')).toBeLessThanOrEqual(days / 100);
});

test('a new year that nobody declared waits until somebody has looked', async () => {
	const life = schoolLife(seededRandom(5));
	const world = runWorld({ status: 'inProgress' });
	await world.carry(await world.accept(life.files()));
	life.newYear();
	const run = await world.accept(life.files());
	await world.carry(run);
	expect((await readHolds(world.deps, run)).holds).not.toEqual([]);
});
