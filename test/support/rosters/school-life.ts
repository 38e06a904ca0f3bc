import type { Random } from '../../../bench/random.ts';

const schools = ['S0', 'S1', 'S2', 'S3'];
const grades = [0, 1, 2, 3, 4];
const perGrade = 24;
const subjects = ['Maths', 'Music'];
const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;

interface Student {
	id: string;
	school: string;
	grade: number;
	lastName: string;
	username: string;
	/** Or B. */
	isInA: boolean;
	dropped: Set<string>;
	clubs: Set<string>;
}

/** A district that lives on from day to day, as districts do: every change is one that its admin wants. */
export function schoolLife(random: Random) {
	let students: Student[] = [];
	let created = 0;
	let term = 0;
	const clubs = new Map<string, string>();

	const newcomer = (school: string, grade: number): Student => {
		const id = `P${++created}`;
		const isInA = created % 2 === 0;
		return {
			id,
			school,
			grade,
			isInA,
			lastName: `Last${created}`,
			username: id.toLowerCase(),
			dropped: new Set(),
			clubs: new Set(),
		};
	};

	const anybody = () => random.pick(students);
	const happenings: readonly (() => void)[] = [
		() => {
			const gone = anybody();
			students = students.filter((each) => each !== gone);
		},
		() => void students.push(newcomer(random.pick(schools), random.pick(grades))),
		() => {
			const married = anybody();
			married.lastName = `New${random.below(1_000)}`;
			if (random.chance(0.5)) married.username = `${married.id.toLowerCase()}.${random.below(1_000_000)}`;
		},
		() => {
			const moving = anybody();
			moving.school = random.pick(schools);
			moving.clubs.clear();
		},
		() => void anybody().dropped.add(random.pick(subjects)),
		() => {
			const changing = anybody();
			changing.isInA = !changing.isInA;
		},
		() => {
			const school = random.pick(schools);
			const club = `${school}K${clubs.size}`;
			clubs.set(club, school);
			for (const each of students) if (each.school === school && random.chance(0.1)) each.clubs.add(club);
		},
	];

	for (const school of schools)
		for (const grade of grades) for (let at = 0; at < perGrade; at++) students.push(newcomer(school, grade));

	const sectionOf = ({ school, grade }: Pick<Student, 'school' | 'grade'>, name: string) =>
		`${school}G${grade}${name}t${term}`;

	const ordinary = () => {
		for (let at = random.below(12); at > 0; at--) random.pick(happenings)();
	};

	/** Every class goes on under another id. */
	const newTerm = () => {
		term++;
		for (const each of students) each.dropped.clear();
	};

	const newYear = () => {
		newTerm();
		for (const each of students) each.grade++;
		students = students.filter(({ grade }) => grade < grades.length);
		for (const school of schools) for (let at = 0; at < perGrade; at++) students.push(newcomer(school, 0));
	};

	function files() {
		const sections = schools.flatMap((school) =>
			grades.flatMap((grade) =>
				['A', 'B', ...subjects].map((name) => ({
					id: sectionOf({ school, grade }, name),
					row: `${sectionOf({ school, grade }, name)},${school},Grade ${grade} ${name} of term ${term}`,
				})),
			),
		);
		const enrollments = students.flatMap((each) => [
			...[each.isInA ? 'A' : 'B', ...subjects.filter((name) => !each.dropped.has(name))].map(
				(name) => `${sectionOf(each, name)},${each.id}`,
			),
			...[...each.clubs].map((club) => `${club},${each.id}`),
		]);
		const user = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';
		return {
			school: lines('SIS ID,Name', ...schools.map((id) => `${id},School ${id}`)),
			section: lines(
				'SIS ID,School SIS ID,Section Name',
				...sections.map(({ row }) => row),
				...[...clubs].map(([id, school]) => `${id},${school},Club ${id}`),
			),
			student: lines(
				user,
				...students.map(
					({ id, school, lastName, username }) => `${id},${school},First,${lastName},${username},Welcome-2026!`,
				),
			),
			teacher: lines(user, ...schools.map((id) => `T${id},${id},First,Last,t${id.toLowerCase()},Welcome-2026!`)),
			studentEnrollment: lines('Section SIS ID,SIS ID', ...enrollments),
			teacherRoster: lines('Section SIS ID,SIS ID', ...sections.map(({ id, row }) => `${id},T${row.split(',')[1]}`)),
		};
	}

	return { ordinary, newTerm, newYear, files, classesOf: () => enrollmentsByClass(files().studentEnrollment) };
}

/** SIS ids of the members of each class, in order. */
function enrollmentsByClass(text: string): Record<string, string[]> {
	const classes: Record<string, string[]> = {};
	for (const row of text.trimEnd().split('\r\n').slice(1)) {
		const [section, person] = row.split(',') as [string, string];
		classes[section] ??= [];
		classes[section].push(person);
	}
	for (const members of Object.values(classes)) members.sort();
	return classes;
}
