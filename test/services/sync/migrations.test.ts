import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../bench/random.ts';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import {
	filesOf,
	type Ids,
	imageOf,
	keysOf,
	type ModelClass,
	type ModelDistrict,
	memberships,
	objectIds,
	oldIds,
	type Sync,
} from '../../support/rosters/migration.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

/** Districts whose source gives other ids while people come, leave and move: the end is as if the new ids had been there from the beginning. */

type World = ReturnType<typeof runWorld>;

const world = () => runWorld({ status: 'inProgress' }, { recordsPerSlice: 7 });

async function sync(the: World, files: Record<RosterKind, string>, { approvedRunId, deliver }: Sync = {}) {
	await the.change({ status: 'inProgress' });
	const run = await the.accept(files);
	const record = await the.deps.runs.get(run.profileId, run.runId);
	if (record && approvedRunId) await the.deps.runs.save({ ...record, approvedRunId });
	const result = await the.carry(run, deliver);
	const failed = Object.values(result.tallies).reduce((sum, tally) => sum + tally.failed, 0);
	return { runId: run.runId, result, failed, holds: (await readHolds(the.deps, run)).holds };
}

const list = <T>(count: number, of: (at: number) => T) => Array.from({ length: count }, (_, at) => of(at));

function randomDistrict(random: Random): ModelDistrict {
	const schools = list(1 + random.below(3), (at) => `S-${at}`);
	const person = (prefix: string) => (at: number) =>
		[`${prefix}-${at}`, { school: random.pick(schools), username: `${prefix.toLowerCase()}user${at}` }] as const;
	const students = Object.fromEntries(list(6 + random.below(20), person('P')));
	const teachers = Object.fromEntries(list(2 + random.below(3), person('T')));
	const names = ['Maths', 'Art', 'Music', 'Latin'];
	const classes = list(2 + random.below(6), (at): [string, ModelClass] => [
		`C-${at}`,
		{
			school: random.pick(schools),
			// Some have the name of another one.
			name: random.pick(names),
			students: Object.keys(students).filter(() => random.chance(0.4)),
			teachers: Object.keys(teachers).filter(() => random.chance(0.4)),
		},
	]);
	return {
		schools: Object.fromEntries(schools.map((key) => [key, `School ${key}`])),
		classes: Object.fromEntries(classes),
		students,
		teachers,
	};
}

/** What a summer brings: a few leave, come and move, and a class comes. */
function later(random: Random, { schools, classes, students, teachers }: ModelDistrict): ModelDistrict {
	const left = new Set(Object.keys(students).filter(() => random.chance(0.05)));
	const anySchool = () => random.pick(Object.keys(schools));
	const come = list(random.below(3), (at) => [`P-new${at}`, { school: anySchool(), username: `new${at}` }] as const);
	const staying = Object.entries(students).filter(([key]) => !left.has(key));
	const after = Object.fromEntries([...staying, ...come]);
	const changed = Object.entries(classes).map(([key, each]): [string, ModelClass] => {
		const members = each.students.filter((person) => !left.has(person) && random.chance(0.97));
		const joined = Object.keys(after).filter((person) => !members.includes(person) && random.chance(0.02));
		return [key, { ...each, students: [...members, ...joined] }];
	});
	const added: [string, ModelClass] = [
		'C-new',
		{ school: anySchool(), name: 'Chess', students: Object.keys(after).filter(() => random.chance(0.2)), teachers: [] },
	];
	return {
		schools,
		classes: Object.fromEntries(random.chance(0.5) ? [...changed, added] : changed),
		students: after,
		teachers,
	};
}

/** All of some kinds, or most of them; people perhaps under numbers that others had, if none of those has left. */
function randomIds(random: Random, { students }: ModelDistrict, after: ModelDistrict): Ids {
	const kinds = ['S', 'C', 'P', 'T'].filter(() => random.chance(0.6));
	const share = random.chance(0.7) ? 1 : 0.6;
	const numbers = new Map<string, string>();
	const shift = 1 + random.below(Object.keys(students).length);
	const isWhole = Object.keys(students).every((key) => key in after.students);
	if (isWhole && random.chance(0.6))
		for (const [at, key] of Object.keys(students).entries()) numbers.set(key, `P-${at + shift}`);
	const moved = new Map<string, string>();
	return (key) => {
		const known = moved.get(key);
		if (known !== undefined) return known;
		const isMoved = kinds.includes(key.charAt(0)) && !key.includes('new') && random.chance(share);
		const id = key.startsWith('P') && numbers.size > 0 ? (numbers.get(key) ?? key) : isMoved ? `N${key}` : key;
		moved.set(key, id);
		return id;
	};
}

const migrations = Number(process.env.MIGRATIONS ?? 60);

test(`${migrations} random migrations end as if the new ids had been there from the beginning`, async () => {
	let proposed = 0;
	for (let seed = 1; seed <= migrations; seed++) {
		const random = seededRandom(seed);
		const before = randomDistrict(random);
		const after = later(random, before);
		const idOf = randomIds(random, before, after);
		const files = filesOf(after, idOf);
		const the = world();
		await sync(the, filesOf(before, oldIds));
		const ids = objectIds(the);
		const there = memberships(the);

		let held = await sync(the, files);
		expect([seed, held.failed]).toEqual([seed, 0]);
		expectKept(the, { seed, before, after, ids, there });
		if (random.chance(0.3)) held = await sync(the, files);
		const rekeyed = held.holds.filter(({ scope }) => scope === 'rekeyed');
		proposed += rekeyed.length > 0 ? 1 : 0;
		for (let tries = 0; held.holds.length > 0; tries++) {
			expect(tries).toBeLessThan(5);
			const approvedRunId = held.runId;
			const dies = random.chance(0.3);
			const dying = { approvedRunId, deliver: dyingAt(1 + random.below(20)) };
			if (dies) await sync(the, files, dying).catch((error: Error) => expect(error.message).toBe('killed'));
			held = await sync(the, files, dies ? {} : { approvedRunId });
			expect([seed, held.failed]).toEqual([seed, 0]);
			expectKept(the, { seed, before, after, ids, there });
		}

		const wanted = new Set(keysOf(after).map(idOf));
		const fresh = world();
		await sync(fresh, files);
		expect([seed, imageOf(the, wanted)]).toEqual([seed, imageOf(fresh, wanted)]);
		const now = objectIds(the);
		for (const hold of rekeyed)
			for (const { from, to } of hold.rekeyed ?? []) expect([seed, now.get(to)]).toEqual([seed, ids.get(from)]);
		for (const key of [...Object.keys(after.students), ...Object.keys(after.teachers)])
			if (ids.has(key)) expect([seed, key, now.get(idOf(key))]).toEqual([seed, key, ids.get(key)]);
		expect((await sync(the, files)).result).toMatchObject({ held: 0, directoryWrites: 0 });
	}
	expect(proposed).toBeGreaterThan(migrations / 2);
});

/** Whoever is in a class or school before and after is there in between, be it under an old id or a new one. */
function expectKept(
	the: World,
	{
		seed,
		before,
		after,
		ids,
		there,
	}: {
		seed: number;
		before: ModelDistrict;
		after: ModelDistrict;
		ids: ReadonlyMap<string, string>;
		there: ReadonlySet<string>;
	},
): void {
	const { classes, students } = after;
	const image = memberships(the);
	const namesOf = (classId: string) => the.directory.classes.get(classId)?.displayName;
	for (const [key, { students: members, name }] of Object.entries(before.classes))
		for (const person of members) {
			if (!classes[key]?.students.includes(person)) continue;
			const [classId, userId] = [ids.get(key) as string, ids.get(person) as string];
			// A class that could not be told from another is a new one of the same name.
			const isThere = [...image].some(
				(each) =>
					each.endsWith(` ${userId}`) && (each.startsWith(classId) || namesOf(each.split(' ')[0] as string) === name),
			);
			expect([seed, key, person, isThere]).toEqual([seed, key, person, true]);
		}
	for (const [person, { school }] of Object.entries(students)) {
		const place = `${ids.get(school)} ${ids.get(person)}`;
		if (there.has(place)) expect([seed, person, image.has(place)]).toEqual([seed, person, true]);
	}
}

function dyingAt(steps: number): NonNullable<Sync['deliver']> {
	let done = 0;
	return (work) => {
		if (done++ === steps) throw new Error('killed');
		return work();
	};
}
