import type { Directory } from '../../../src/directory-ports.ts';
import { ownTenant } from '../tenants.ts';
import { idsOf, joining, named, school, section, student } from './directory-objects.ts';

export interface SmallDirectory {
	/** North and South. */
	schools: [string, string];
	/** Maths at North, Music at South. */
	classes: [string, string];
	/** Two students, and two teachers, the last of whom has neither school nor class. */
	users: [string, string, string, string];
}

/** A directory that fits into a head; its ids are the same each time. */
export async function fillSmallDirectory(directory: Directory): Promise<SmallDirectory> {
	const schools = idsOf(
		await directory.putSchools(ownTenant, [
			school('S1', { displayName: 'North School', attributes: { schoolNumber: '7', address: { city: 'Rivertown' } } }),
			school('S2', { displayName: 'South School' }),
		]),
	) as SmallDirectory['schools'];
	const [north, south] = schools;
	const zoesAccount = { ...named('zoe@example.org', "Zoë O'Neil"), password: 'Welcome-2026!' };
	const people = [
		student('P0', { account: zoesAccount, attributes: { student: { grade: '9' } } }),
		student('P1', { account: named('bo@example.org', 'Bo Berg') }),
		student('T0', { role: 'teacher', account: named('ada@example.org', 'Ada Lund') }),
		student('T1', { role: 'teacher', account: named('max@example.org', 'Max Ode') }),
	];
	const users = idsOf(await directory.putUsers(ownTenant, people)) as SmallDirectory['users'];
	const attributes = { extension_fe2174665583431c953114ff7268b7b3_Education_Period: '3' };
	const classes = idsOf(
		await directory.putClasses(ownTenant, [
			section('C1', north, { displayName: 'Maths' }),
			section('C2', south, { displayName: 'Music', attributes }),
		]),
	) as SmallDirectory['classes'];
	const [maths, music] = classes;
	const [zoe, bo, ada] = users;
	await directory.changeSchoolMembers(ownTenant, [
		joining(north, [zoe]),
		joining(south, [bo]),
		...[north, south].map((id) => joining(id, [ada], { role: 'teacher' })),
	]);
	await directory.changeMembers(ownTenant, [
		{ classId: maths, role: 'student', add: [zoe, bo], remove: [] },
		{ classId: maths, role: 'teacher', add: [ada], remove: [] },
		{ classId: music, role: 'student', add: [zoe], remove: [] },
	]);
	return { schools, classes, users };
}
