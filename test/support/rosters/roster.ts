import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RosterFiles } from '../sync-story.ts';

/** A roster of invented people, small enough to see through: two schools, three sections, four students, two teachers. */
export function smallRoster(changes: Partial<Record<string, string>> = {}): RosterFiles {
	const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
	return {
		'School.csv': lines('SIS ID,Name', 'S1,North School', 'S2,South School'),
		'Section.csv': lines('SIS ID,School SIS ID,Section Name', 'C1,S1,Maths', 'C2,S1,Latin', 'C3,S2,Chemistry'),
		'Student.csv': lines(
			'SIS ID,School SIS ID,First Name,Last Name,Username,Password,Grade',
			'P1,S1,Zoë,Ardent,zardent,Welcome-2026!,9',
			'P2,S1,Yusuf,Brook,ybrook,Welcome-2026!,9',
			'P3,S2,Xenia,"Cliff ""Rocky"" Stone",xcliff,Welcome-2026!,10',
			'P4,S2,Wim,Dale,wdale,Welcome-2026!,10',
		),
		'Teacher.csv': lines(
			'SIS ID,School SIS ID,First Name,Last Name,Username,Password',
			'T1,S1,Vera,Elm,velm,Welcome-2026!',
			'T2,S2,Ugo,Fern,ufern,Welcome-2026!',
		),
		'StudentEnrollment.csv': lines('Section SIS ID,SIS ID', 'C1,P1', 'C1,P2', 'C2,P2', 'C3,P3', 'C3,P4'),
		'TeacherRoster.csv': lines('Section SIS ID,SIS ID', 'C1,T1', 'C2,T1', 'C3,T2'),
		...changes,
	} as RosterFiles;
}

export async function rosterFolder(folder: string): Promise<RosterFiles> {
	const names = (await readdir(folder)).filter((name) => name.endsWith('.csv'));
	return Object.fromEntries(
		await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))] as const)),
	);
}
