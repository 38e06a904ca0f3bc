import { createHash } from 'node:crypto';
import { collect, type GraphClient, type Json } from '../requests/graph-client.ts';

/** Everything that the directory shows of a tenant, by ids. */
export interface DirectoryContent {
	/** Schools, classes and users. */
	objects: ReadonlyMap<string, string>;
	/** "<class> <role> <user>". */
	memberships: ReadonlySet<string>;
}

/** The same in one comparable form. */
export interface DirectoryImage {
	schools: number;
	classes: number;
	users: number;
	memberships: number;
	teacherships: number;
	/** Over every property of every object and every membership. */
	digest: string;
}

type Kind = 'schools' | 'classes' | 'users';

const byId = (a: { id?: unknown }, b: { id?: unknown }) => String(a.id).localeCompare(String(b.id));

/** A new profile has another id; everything else must be the same. */
const plain = (items: unknown) =>
	JSON.stringify(items, (name, value) => (name === 'externalSourceDetail' ? undefined : value));

interface ClassRoster {
	id: string;
	members: readonly unknown[];
	teachers: readonly unknown[];
}

async function readDirectory(client: GraphClient): Promise<Record<Kind, Json[]> & { rosters: ClassRoster[] }> {
	const read = async (path: string) => (await collect(client, `/beta/education/${path}`)).sort(byId);
	const [schools, classes, users] = [
		await read('schools?$top=999'),
		await read('classes?$top=999'),
		await read('users?$top=999'),
	];
	const rosters: ClassRoster[] = [];
	const batch = 16;
	for (let start = 0; start < classes.length; start += batch) {
		rosters.push(
			...(await Promise.all(
				classes.slice(start, start + batch).map(async ({ id }) => ({
					id: String(id),
					members: (await read(`classes/${id}/members?$top=999&$select=id`)).map((user) => user.id),
					teachers: (await read(`classes/${id}/teachers?$top=999&$select=id`)).map((user) => user.id),
				})),
			)),
		);
	}
	return { schools, classes, users, rosters };
}

export async function directoryImage(client: GraphClient): Promise<DirectoryImage> {
	const { schools, classes, users, rosters } = await readDirectory(client);
	const hash = createHash('sha256');
	for (const items of [schools, classes, users]) hash.update(plain(items));
	for (const { members, teachers } of rosters) hash.update(JSON.stringify([members, teachers]));
	const count = (role: 'members' | 'teachers') => rosters.reduce((sum, each) => sum + each[role].length, 0);
	return {
		schools: schools.length,
		classes: classes.length,
		users: users.length,
		memberships: count('members'),
		teacherships: count('teachers'),
		digest: hash.digest('hex'),
	};
}

/** Where two directories may differ, and it matters where. */
export async function directoryContent(client: GraphClient): Promise<DirectoryContent> {
	const { schools, classes, users, rosters } = await readDirectory(client);
	const objects = [schools, classes, users].flatMap((items) =>
		items.map((item) => [String(item.id), plain(item)] as const),
	);
	const memberships = rosters.flatMap(({ id, members, teachers }) => [
		...members.map((user) => `${id} member ${user}`),
		...teachers.map((user) => `${id} teacher ${user}`),
	]);
	return { objects: new Map(objects), memberships: new Set(memberships) };
}
