import { createHash } from 'node:crypto';
import { collect, type GraphClient } from './graph-client.ts';

/** Everything that the directory shows of a tenant, in one comparable form. */
export interface DirectoryImage {
	schools: number;
	classes: number;
	users: number;
	memberships: number;
	teacherships: number;
	/** Over every property of every object and every membership. */
	digest: string;
}

const byId = (a: { id?: unknown }, b: { id?: unknown }) => String(a.id).localeCompare(String(b.id));

export async function directoryImage(client: GraphClient): Promise<DirectoryImage> {
	const read = async (path: string) => (await collect(client, `/beta/education/${path}`)).sort(byId);
	const [schools, classes, users] = [
		await read('schools?$top=999'),
		await read('classes?$top=999'),
		await read('users?$top=999'),
	];
	const hash = createHash('sha256');
	// A new profile has another id; everything else must be the same.
	const plain = (items: readonly object[]) =>
		JSON.stringify(items, (name, value) => (name === 'externalSourceDetail' ? undefined : value));
	for (const items of [schools, classes, users]) hash.update(plain(items));
	const counts = { members: 0, teachers: 0 };
	const batch = 16;
	for (let start = 0; start < classes.length; start += batch) {
		const rosters = await Promise.all(
			classes.slice(start, start + batch).map(async ({ id }) => ({
				members: (await read(`classes/${id}/members?$top=999&$select=id`)).map((user) => user.id),
				teachers: (await read(`classes/${id}/teachers?$top=999&$select=id`)).map((user) => user.id),
			})),
		);
		for (const { members, teachers } of rosters) {
			hash.update(JSON.stringify([members, teachers]));
			counts.members += members.length;
			counts.teachers += teachers.length;
		}
	}
	return {
		schools: schools.length,
		classes: classes.length,
		users: users.length,
		memberships: counts.members,
		teacherships: counts.teachers,
		digest: hash.digest('hex'),
	};
}
