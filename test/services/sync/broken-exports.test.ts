import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../bench/random.ts';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { type DistrictFiles, district } from '../../support/rosters/district.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const size = { schools: 5, classes: 4, students: 12 };
const { enrollments, files: filesOf } = district(size);
const whole = filesOf(enrollments);
/** Everybody one class further, and a third of them gone since. */
const lastYear = filesOf(
	enrollments
		.filter((_, at) => at % 3 !== 0)
		.map((row) => row.replace(/C(\d),/, (_, at) => `C${(Number(at) + 1) % size.classes},`)),
);

type Break = (files: DistrictFiles, random: Random) => Partial<DistrictFiles>;

const rowsOf = (text: string) => text.trimEnd().split('\r\n');
const textOf = (rows: readonly string[]) => `${rows.join('\r\n')}\r\n`;
const anyKind = (random: Random) => random.pick(rosterKinds);
const someKinds = (random: Random) => rosterKinds.filter(() => random.chance(0.5));
const isOfSchool = (row: string, school: number) => new RegExp(`\\bS${school}(C|\\b)|\\bT${school}\\b`).test(row);

/** As exports go wrong. */
const breaks: Readonly<Record<string, Break>> = {
	'cut at any byte': (files, random) => {
		const kind = anyKind(random);
		return { [kind]: files[kind].slice(0, random.below(files[kind].length)) };
	},
	'cut at the end of a line': (files, random) => {
		const kind = anyKind(random);
		const rows = rowsOf(files[kind]);
		return { [kind]: textOf(rows.slice(0, 1 + random.below(rows.length))) };
	},
	'without a school': (files, random) => {
		const school = random.below(size.schools);
		const kinds = random.chance(0.3) ? rosterKinds : someKinds(random);
		return mapped(files, kinds, (rows) => rows.filter((row) => !isOfSchool(row, school)));
	},
	'without some rows': (files, random) => {
		const share = random.below(100) / 100;
		return mapped(files, [anyKind(random)], (rows) => rows.filter(() => random.chance(share)));
	},
	'a column shifted by a row': (files, random) => {
		const kind = anyKind(random);
		return mapped(files, [kind], (rows) => {
			const cells = rows.map((row) => row.split(','));
			const column = random.below(cells[0]?.length ?? 1);
			return cells.map((row, at) => row.with(column, cells[(at + 1) % cells.length]?.[column] as string).join(','));
		});
	},
	'two columns swapped': (files, random) => {
		const kind = anyKind(random);
		const width = (rowsOf(files[kind])[0] as string).split(',').length;
		const [left, right] = [random.below(width), random.below(width)];
		return mapped(files, [kind], (rows) =>
			rows.map((row) => {
				const cells = row.split(',');
				return cells
					.with(left, cells[right] as string)
					.with(right, cells[left] as string)
					.join(',');
			}),
		);
	},
	'two files swapped': (files, random) => {
		const [left, right] = [anyKind(random), anyKind(random)];
		return { [left]: files[right], [right]: files[left] };
	},
	'headers only': (files, random) => mapped(files, random.chance(0.3) ? rosterKinds : someKinds(random), () => []),
	'nothing in it': (_, random) => ({ [anyKind(random)]: '' }),
	"last year's": (_, random) => Object.fromEntries(someKinds(random).map((kind) => [kind, lastYear[kind]])),
	"partly last year's": (files, random) => {
		const old = rowsOf(lastYear.studentEnrollment);
		return mapped(files, ['studentEnrollment'], (rows) =>
			rows.map((row, at) => (random.chance(0.5) ? row : (old[at % old.length] as string))),
		);
	},
};

/** The rows of some files, all but their headers. */
function mapped(
	files: DistrictFiles,
	kinds: readonly RosterKind[],
	change: (rows: readonly string[]) => readonly string[],
): Partial<DistrictFiles> {
	return Object.fromEntries(
		kinds.map((kind) => {
			const [header = '', ...rows] = rowsOf(files[kind]);
			return [kind, textOf([header, ...change(rows)])];
		}),
	);
}

function broken(random: Random): { name: string; files: DistrictFiles } {
	const names = [random.pick(Object.keys(breaks)), ...(random.chance(0.3) ? [random.pick(Object.keys(breaks))] : [])];
	let files = whole;
	for (const name of names) files = { ...files, ...breaks[name]?.(files, random) };
	return { name: names.join(', '), files };
}

type Groups = ReadonlyMap<string, readonly string[]>;

/** Who is where: students and teachers of classes, people of schools. */
function groupsOf({ directory }: ReturnType<typeof runWorld>): Record<'student' | 'teacher' | 'school', Groups> {
	const nameOf = (id: string) => directory.users.get(id)?.externalId ?? id;
	const inClasses = (role: 'student' | 'teacher') =>
		new Map(
			[...directory.classes.values()].map(({ id, externalId }) => [
				externalId,
				directory.membersOf(id, role).map(nameOf),
			]),
		);
	const inSchools = [...directory.schools.values()].map(
		({ id, externalId }) => [externalId, directory.membersOfSchool(id).map(nameOf)] as const,
	);
	return { student: inClasses('student'), teacher: inClasses('teacher'), school: new Map(inSchools) };
}

const count = (groups: Groups, person: string) => [...groups.values()].filter((own) => own.includes(person)).length;

/** What an admin would not want: too much of a school, or of a class, is gone. Whoever has come to as much as they left was moved. */
function losses(before: Groups, after: Groups): string[] {
	const people = new Set([...before.values()].flat());
	const isLoser = new Map([...people].map((person) => [person, count(after, person) < count(before, person)]));
	const lostOf = (name: string) =>
		(before.get(name) ?? []).filter((person) => isLoser.get(person) && !after.get(name)?.includes(person));
	const faults: string[] = [];
	for (const [name, members] of before)
		if (members.length >= 6 && lostOf(name).length > members.length / 2)
			faults.push(`${name} lost ${lostOf(name).length} of ${members.length}`);
	for (let school = 0; school < size.schools; school++) {
		const own = [...before.keys()].filter((name) => isOfSchool(name, school));
		const present = own.reduce((sum, name) => sum + (before.get(name)?.length ?? 0), 0);
		const lost = own.flatMap(lostOf);
		if (lost.length > present / 10 && new Set(lost).size >= 20)
			faults.push(`school S${school} lost ${lost.length} of ${present}`);
	}
	return faults;
}

test('no broken export takes more than a tenth of a school or half of a class, or anybody from the directory', async () => {
	const random = seededRandom(Number(process.env.BROKEN_EXPORTS_SEED ?? 11));
	const world = runWorld({ status: 'inProgress' });
	const sync = async (files: DistrictFiles, skipsFaultyRows = false) => {
		await world.change({ status: 'inProgress' });
		const run = await world.accept(files, { skipsFaultyRows }).catch(() => undefined);
		return run && (await world.carry(run));
	};
	await sync(whole);
	const synced = groupsOf(world);
	const users = world.directory.users.size;
	const outcomes = { refused: 0, held: 0, inStep: 0 };
	for (let round = 0; round < Number(process.env.BROKEN_EXPORTS ?? 60); round++) {
		const { name, files } = broken(random);
		const result = await sync(files, random.chance(0.5));
		outcomes[result ? (result.held > 0 ? 'held' : 'inStep') : 'refused']++;
		const after = groupsOf(world);
		for (const kind of ['student', 'teacher', 'school'] as const)
			expect(losses(synced[kind], after[kind]), `round ${round}: ${name}, ${kind}`).toEqual([]);
		expect(world.directory.users.size, `round ${round}: ${name}`).toBeGreaterThanOrEqual(users);
		// The next export is whole again, and mends what the broken one did.
		expect(await sync(whole), `round ${round}: ${name}`).toBeDefined();
		const mended = groupsOf(world);
		for (const kind of ['student', 'teacher', 'school'] as const)
			for (const [group, members] of synced[kind])
				expect([...(mended[kind].get(group) ?? [])], `round ${round}: ${name}, ${group}`).toEqual(
					expect.arrayContaining([...members]),
				);
	}
	// Or it would prove nothing.
	expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
});
