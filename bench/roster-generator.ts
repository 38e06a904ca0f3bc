import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Random, seededRandom } from './random.ts';
import { type FaultPlan, type InjectedFault, planFaults } from './roster-faults.ts';
import { type RosterFile, rosterFiles } from './roster-files.ts';
import { descriptions, givenNames, places, subjects, surnames } from './roster-names.ts';

export interface RosterOptions {
	students: number;
	seed: number;
	/** Share of the rows that get a fault; 0 by default. */
	faultRate?: number;
	/** Share of the students whose grade differs from the unchanged set of the same seed; 0 by default. */
	changeRate?: number;
	/** Share of the enrollments that are in another section than in the unchanged set; 0 by default. */
	moveRate?: number;
	quoteAll?: boolean;
	/** `\r\n` by default. */
	lineEnd?: '\r\n' | '\n';
}

/** What is in a generated set, and what is wrong with it. */
export interface Manifest {
	rows: Record<RosterFile, number>;
	faults: InjectedFault[];
}

export interface GeneratedRoster {
	/** Text of one file, in pieces of many rows. Call it once per file, in order of `rosterFiles`. */
	file(name: RosterFile): Generator<string>;
	/** Complete when all six files have been read. */
	manifest: Manifest;
}

/** Ratios of a real district. */
const perStudent = { enrollments: 7, teachers: 1 / 16, sections: 7 / 27 };
const studentsPerSchool = 1_667;
const minSchools = 2;
/** Valid, and known to nobody. */
const password = 'Welcome-2026!';

const headers: Readonly<Record<RosterFile, readonly string[]>> = {
	School: ['SIS ID', 'Name', 'School Number', 'Grade Low', 'Grade High', 'Principal Name', 'Address', 'City'],
	Section: [
		'SIS ID',
		'School SIS ID',
		'Section Name',
		'Section Number',
		'Term StartDate',
		'Term EndDate',
		'Course Name',
		'Course Description',
	],
	Student: [
		'SIS ID',
		'School SIS ID',
		'First Name',
		'Last Name',
		'Username',
		'Password',
		'Grade',
		'Birthdate',
		'Graduation Year',
	],
	Teacher: ['SIS ID', 'School SIS ID', 'First Name', 'Last Name', 'Username', 'Password', 'Title'],
	StudentEnrollment: ['Section SIS ID', 'SIS ID'],
	TeacherRoster: ['Section SIS ID', 'SIS ID'],
};

interface Sizes {
	schools: number;
	sections: number;
	students: number;
	teachers: number;
}

/** Everything is drawn from generators of their own, so that faults and changes leave the rest as it was. */
export function generateRoster(options: RosterOptions): GeneratedRoster {
	const sizes = sizesOf(options.students);
	const faults = planFaults(options.faultRate ?? 0, options.seed);
	const manifest: Manifest = {
		rows: Object.fromEntries(rosterFiles.map((name) => [name, 0])) as Manifest['rows'],
		faults: faults.injected,
	};
	return {
		manifest,
		*file(name) {
			const rows = rowsOf[name](sizes, options);
			yield* render({ name, rows, options, faults, manifest });
		},
	};
}

function sizesOf(students: number): Sizes {
	return {
		students,
		schools: Math.max(minSchools, Math.ceil(students / studentsPerSchool)),
		sections: Math.max(minSchools, Math.floor(students * perStudent.sections)),
		teachers: Math.max(minSchools, Math.floor(students * perStudent.teachers)),
	};
}

type Rows = Generator<string[]>;

const schoolId = (at: number) => String(10_001 + at);
const sectionId = (at: number) => `C${200_001 + at}`;
const studentId = (at: number) => String(3_000_001 + at);
const teacherId = (at: number) => `T${40_001 + at}`;

const rowsOf: Readonly<Record<RosterFile, (sizes: Sizes, options: RosterOptions) => Rows>> = {
	*School({ schools }, { seed }) {
		const random = seededRandom(seed);
		for (let at = 0; at < schools; at++) {
			const name = `${random.pick(places)} School ${at + 1}`;
			yield [
				schoolId(at),
				name,
				String(at + 1),
				'7',
				'12',
				'Irene Aalto',
				`${at + 1} Main Street, Gate "B"`,
				'Rivertown',
			];
		}
	},

	*Section({ sections, schools }, { seed }) {
		const random = seededRandom(seed + 1);
		for (let at = 0; at < sections; at++) {
			const subject = random.pick(subjects);
			const dates = ['2026-09-01', '2027-06-30'];
			yield [
				sectionId(at),
				schoolId(at % schools),
				`${subject} ${at + 1}`,
				`N${at + 1}`,
				...dates,
				subject,
				random.pick(descriptions),
			];
		}
	},

	*Student({ students, schools }, { seed, changeRate = 0 }) {
		const random = seededRandom(seed + 2);
		const changes = seededRandom(seed + 100);
		for (let at = 0; at < students; at++) {
			const grade = 7 + random.below(6);
			const shown = changes.chance(changeRate) ? grade + 1 : grade;
			yield [
				studentId(at),
				schoolId(at % schools),
				...person(random, `s${at + 1}`),
				String(shown),
				`${1 + random.below(12)}/${1 + random.below(28)}/${2026 - 6 - grade}`,
				'2030',
			];
		}
	},

	*Teacher({ teachers, schools }, { seed }) {
		const random = seededRandom(seed + 3);
		for (let at = 0; at < teachers; at++)
			yield [teacherId(at), schoolId(at % schools), ...person(random, `t${at + 1}`), 'Dr'];
	},

	*StudentEnrollment({ students, sections }, { seed, moveRate = 0 }) {
		const moves = seededRandom(seed + 101);
		// A stride of its own per turn, so that no pair comes twice as long as there are enough sections.
		const turns = Math.min(perStudent.enrollments, sections);
		const stride = Math.max(1, Math.floor(sections / turns));
		for (let turn = 0; turn < turns; turn++) {
			for (let at = 0; at < students; at++) {
				// The section next to one of the student's is none of theirs.
				const moved = moves.chance(moveRate) && stride > 1 ? 1 : 0;
				yield [sectionId((at + turn * stride + moved) % sections), studentId(at)];
			}
		}
	},

	*TeacherRoster({ sections, teachers }) {
		for (let at = 0; at < sections; at++) yield [sectionId(at), teacherId(at % teachers)];
	},
};

function person(random: Random, username: string): string[] {
	return [random.pick(givenNames), random.pick(surnames), username, password];
}

interface Rendering {
	name: RosterFile;
	rows: Rows;
	options: RosterOptions;
	faults: FaultPlan;
	manifest: Manifest;
}

/** Written out in pieces of about this many rows. */
const rowsPerPiece = 500;

function* render({ name, rows, options, faults, manifest }: Rendering): Generator<string> {
	const lineEnd = options.lineEnd ?? '\r\n';
	const header = headers[name];
	let piece = header.map((value) => quote(value, options)).join(',') + lineEnd;
	for (const row of rows) {
		manifest.rows[name]++;
		// The header is line 1.
		const line = manifest.rows[name] + 1;
		const values = faults.apply({ file: name, line, header, values: row });
		piece += values.map((value) => quote(value, options)).join(',') + lineEnd;
		if (line % rowsPerPiece === 0) {
			yield piece;
			piece = '';
		}
	}
	yield piece;
}

function quote(value: string, { quoteAll = false }: RosterOptions): string {
	return quoteAll || /[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Writes the six files; answers what is in them. */
export async function writeRoster(folder: string, options: RosterOptions): Promise<Manifest> {
	await mkdir(folder, { recursive: true });
	const roster = generateRoster(options);
	for (const name of rosterFiles) {
		const stream = createWriteStream(path.join(folder, `${name}.csv`));
		for (const piece of roster.file(name)) {
			if (!stream.write(piece)) await once(stream, 'drain');
		}
		stream.end();
		await once(stream, 'close');
	}
	return roster.manifest;
}

if (import.meta.main) {
	const { values } = parseArgs({
		options: {
			students: { type: 'string', default: '1000' },
			seed: { type: 'string', default: '1' },
			'fault-rate': { type: 'string', default: '0' },
			'change-rate': { type: 'string', default: '0' },
			out: { type: 'string', default: 'generated-roster' },
		},
	});
	const manifest = await writeRoster(values.out, {
		students: Number(values.students),
		seed: Number(values.seed),
		faultRate: Number(values['fault-rate']),
		changeRate: Number(values['change-rate']),
	});
	await writeFile(path.join(values.out, 'manifest.json'), JSON.stringify(manifest, null, '\t'));
	console.log(JSON.stringify({ folder: values.out, rows: manifest.rows, faults: manifest.faults.length }));
}
