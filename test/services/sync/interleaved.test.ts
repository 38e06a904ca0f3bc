import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../bench/random.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import { RunEndedError } from '../../../src/services/sync/sync-deps.ts';
import { interleaving } from '../../support/worlds/interleaved.ts';
import { runSteps } from '../../support/worlds/run-steps.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
const people = ['P1', 'P2', 'P3', 'P4'];
const sections = ['C1', 'C2', 'C3'];

/** One of the rosters that a small school may have: who is in which class, and by what username. */
function anyRoster(random: Random) {
	const names = people.map((id) => id.toLowerCase());
	const [left, right] = [random.below(people.length), random.below(people.length)];
	// Sometimes two have exchanged their usernames.
	[names[left], names[right]] = [names[right] as string, names[left] as string];
	const enrollments = sections.flatMap((section) =>
		people.filter(() => random.chance(0.5)).map((person) => `${section},${person}`),
	);
	const user = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';
	const grade = random.below(9);
	return {
		school: lines('SIS ID,Name', 'S1,North', 'S2,South'),
		section: lines('SIS ID,School SIS ID,Section Name', ...sections.map((id) => `${id},S1,Class ${id} ${grade}`)),
		student: lines(
			user,
			...people.map((id, at) => `${id},${random.pick(['S1', 'S2'])},First,Last,${names[at]},Welcome-2026!`),
		),
		teacher: lines(user, 'T1,S1,First,Last,t1,Welcome-2026!'),
		studentEnrollment: lines('Section SIS ID,SIS ID', ...enrollments),
		teacherRoster: lines('Section SIS ID,SIS ID', 'C1,T1'),
	};
}

type World = ReturnType<typeof runWorld>;

/** All that the directory has, by SIS id. */
function contentOf({ directory, members }: World) {
	const nameOf = (id: string) => directory.users.get(id)?.externalId ?? id;
	const users = [...directory.users.values()].map(({ externalId, userPrincipalName }) => [
		externalId,
		userPrincipalName,
	]);
	const schools = [...directory.schools.values()].map(({ id, externalId }) => [
		externalId,
		directory.membersOfSchool(id).map(nameOf).sort(),
	]);
	return { users: Object.fromEntries(users), schools: Object.fromEntries(schools), classes: members() };
}

/** `INTERLEAVINGS=2000 INTERLEAVINGS_SEED=…` for more of them, or others. */
const count = Number(process.env.INTERLEAVINGS ?? 60);
const firstSeed = Number(process.env.INTERLEAVINGS_SEED ?? 1);

test(`two runs of a profile, one replaced by the other, end as the newer one alone, in ${count} orders of their calls`, async () => {
	let [replaced, overtaken] = [0, 0];
	for (let seed = firstSeed; seed < firstSeed + count; seed++) {
		const random = seededRandom(seed);
		const [first, older, newer] = [anyRoster(random), anyRoster(random), anyRoster(random)];
		const alone = runWorld({ safety: 'off' });
		for (const files of [first, newer]) await alone.carry(await alone.accept(files));

		const world = runWorld({ safety: 'off' }, { recordsPerSlice: 2 });
		await world.carry(await world.accept(first));
		const { processOver, play } = interleaving(random);
		const ends = new Map<string, unknown>();
		const carry = async (name: string, files: typeof first, late = 0) => {
			const deps = processOver(world.deps);
			const run = await world.accept(files);
			return async () => {
				for (let calls = 0; calls < late; calls++) await deps.runs.get(run.profileId, run.runId);
				try {
					const result = await runSteps(deps, run, (work) => work());
					ends.set(name, await finishRun(deps, run, result));
				} catch (error) {
					ends.set(name, error);
				}
			};
		};
		const [runOlder, runNewer] = [await carry('older', older), await carry('newer', newer, random.below(250))];
		await play([runOlder(), runNewer()]);

		expect(ends.get('newer'), `seed ${seed}`).toMatchObject({ outcome: 'success' });
		expect(contentOf(world), `seed ${seed}`).toEqual(contentOf(alone));
		if (ends.get('older') instanceof RunEndedError) replaced++;
		else overtaken++;
		const next = await world.carry(await world.accept(newer));
		expect(next.directoryWrites, `seed ${seed}`).toBe(0);
	}
	// Or it would prove nothing.
	expect(replaced).toBeGreaterThan(count / 4);
	expect(overtaken).toBeLessThan(count);
});
