const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
const userHeader = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';

interface DistrictSize {
	/** Classes of each school, and students of each class. */
	schools: number;
	classes: number;
	students: number;
}

/** Schools S0…, classes S0C0…, students S0C0P0…; each student is in three classes of the school. */
export function district({ schools, classes, students }: DistrictSize) {
	const enrollments: string[] = [];
	const rows = { school: [] as string[], section: [] as string[], student: [] as string[], roster: [] as string[] };
	for (let s = 0; s < schools; s++) {
		rows.school.push(`S${s},School ${s}`);
		for (let c = 0; c < classes; c++) {
			rows.section.push(`S${s}C${c},S${s},Class ${c}`);
			rows.roster.push(`S${s}C${c},T${s}`);
			for (let p = 0; p < students; p++) {
				const id = `S${s}C${c}P${p}`;
				rows.student.push(`${id},S${s},First,Last,${id.toLowerCase()},Welcome-2026!`);
				for (let k = 0; k < Math.min(3, classes); k++) enrollments.push(`S${s}C${(c + k) % classes},${id}`);
			}
		}
	}
	const files = (own: readonly string[]) => ({
		school: lines('SIS ID,Name', ...rows.school),
		section: lines('SIS ID,School SIS ID,Section Name', ...rows.section),
		student: lines(userHeader, ...rows.student),
		teacher: lines(
			userHeader,
			...Array.from({ length: schools }, (_, s) => `T${s},S${s},First,Last,t${s},Welcome-2026!`),
		),
		studentEnrollment: lines('Section SIS ID,SIS ID', ...own),
		teacherRoster: lines('Section SIS ID,SIS ID', ...rows.roster),
	});
	return { enrollments, files };
}

export type DistrictFiles = ReturnType<ReturnType<typeof district>['files']>;
