import { seededRandom } from '../../../bench/random.ts';
import type { RosterFile } from '../../../bench/roster-files.ts';
import { writeRoster } from '../../../bench/roster-generator.ts';
import { rosterFolder } from '../rosters/roster.ts';
import type { RosterFiles } from '../sync-story.ts';

type Rows = string[][];

/**
 * Two rosters of one district that take turns. From one to the other schools and classes change, a class comes and goes, people
 * come, leave, change and exchange their usernames, are moved to other classes, one is refused, and one class loses so many that
 * their removal is held.
 */
export async function turningRosters(folder: string): Promise<readonly [RosterFiles, RosterFiles]> {
	await writeRoster(folder, { students: 150, seed: 11 });
	const first = Object.fromEntries(
		Object.entries(await rosterFolder(folder)).map(([name, content]) => [name, Buffer.from(content).toString()]),
	);
	return [first, changed(first)];
}

/** Every row is as in the first one, but for some. Cells are cut at commas, and put together again as they were. */
function changed(files: Readonly<Record<string, string>>): RosterFiles {
	const table = (name: RosterFile) => {
		const [header = '', ...rows] = String(files[`${name}.csv`]).split(/\r?\n/).filter(Boolean);
		return { header, rows: rows.map((row) => row.split(',')) };
	};
	const text = (name: RosterFile, change: (rows: Rows, header: readonly string[]) => Rows) => {
		const { header, rows } = table(name);
		const lines = change(rows, header.split(',')).map((row) => row.join(','));
		return [`${name}.csv`, `${[header, ...lines].join('\r\n')}\r\n`];
	};
	return Object.fromEntries([
		text(
			'School',
			everyNth(2, (row) => replaceAt(row, 1, 'Renamed School')),
		),
		text('Section', (rows) => [...everyNth(10, renamedClass)(rows), newClass(rows)]),
		text('Student', changedStudents),
		text(
			'Teacher',
			everyNth(6, (row) => replaceAt(row, 2, 'Changed')),
		),
		text('StudentEnrollment', changedEnrollments),
		text('TeacherRoster', exchangedTeachers),
	]);
}

const replaceAt = (row: readonly string[], at: number, value: string) =>
	row.map((cell, index) => (index === at ? value : cell));

const everyNth = (n: number, change: (row: string[]) => string[]) => (rows: Rows) =>
	rows.map((row, at) => (at % n === n - 1 ? change(row) : row));

const renamedClass = (row: string[]) => replaceAt(row, 2, 'Renamed Class');

const newClassId = 'CNEW1';
const newcomerId = 'NEW1';

const newClass = (rows: Rows) => replaceAt(replaceAt(rows[0] as string[], 0, newClassId), 2, 'New Class');

/** The first one leaves, the next two exchange their names, every tenth has another first name, and somebody new wants the name of who left. */
function changedStudents(rows: Rows, header: readonly string[]): Rows {
	const [id, first, username] = ['SIS ID', 'First Name', 'Username'].map((name) => header.indexOf(name)) as [
		number,
		number,
		number,
	];
	const [gone, left, right, ...others] = rows as [string[], string[], string[], ...Rows];
	return [
		replaceAt(left, username, right[username] as string),
		replaceAt(right, username, left[username] as string),
		...everyNth(10, (row) => replaceAt(row, first, 'Changed'))(others),
		// Somebody else, not the same person under another id.
		replaceAt(replaceAt(gone, id, newcomerId), first, 'Newcomer'),
	];
}

/** So many of a class that nobody believes it. */
const heldShare = 0.8;

function changedEnrollments(rows: Rows): Rows {
	const random = seededRandom(17);
	const [firstClass, leaver] = rows[0] as [string, string];
	const [heldClass] = rows.at(-1) as [string];
	const classes = [...new Set(rows.map(([section]) => section as string))];
	const next = (section: string) => classes[(classes.indexOf(section) + 1) % classes.length] as string;
	const kept = rows.filter(([section, student]) => {
		if (student === leaver) return false;
		return !random.chance(section === heldClass ? heldShare : 0.04);
	});
	const moved = kept.map(([section = '', student = '']) => [
		section !== heldClass && random.chance(0.04) ? next(section) : section,
		student,
	]);
	const isThere = new Set<string>();
	const once = moved.filter((row) => isThere.size < isThere.add(row.join()).size);
	const joined = once.slice(0, 3).map(([, student = '']) => [newClassId, student]);
	return [...once, ...joined, [firstClass, newcomerId]];
}

/** The teachers of the first classes go one class further. */
function exchangedTeachers(rows: Rows): Rows {
	const exchanged = rows.slice(0, 12);
	return [
		...exchanged.map(([section = ''], at) => [section, exchanged[(at + 1) % exchanged.length]?.[1] ?? '']),
		...rows.slice(exchanged.length),
		[newClassId, rows[0]?.[1] ?? ''],
	];
}
