import type { DirectoryKind, DirectoryObject, DirectoryReader } from '../../src/directory-ports.ts';
import type { FakeObject } from './fakes/directory/objects.ts';
import type { FakeDirectory } from './fakes/directory.ts';
import { allPages } from './requests/all-pages.ts';

export type ShownObject = DirectoryObject & { id: string; schoolIds: readonly string[] };

/** What a stranger sees of a directory. */
export interface ShownDirectory {
	/** All objects of a kind, in the shape of Graph. */
	look(tenantId: string, kind: DirectoryKind): Promise<readonly ShownObject[]>;
	/** Ids; a teacher is a member too. */
	members(tenantId: string, classId: string, as: 'member' | 'teacher'): Promise<readonly string[]>;
}

/** What a reader of a directory sees of it. */
export function shownBy(reader: DirectoryReader): ShownDirectory {
	const size = 999;
	return {
		async look(tenantId, kind) {
			const request = { withSchools: kind !== 'schools' };
			const objects = await allPages(
				async (page) => (await reader.list(tenantId, { kind }, { ...page, ...request })) ?? { items: [] },
				{ size },
			);
			return objects.map(({ schools = [], ...shown }) => ({
				...(shown as DirectoryObject & { id: string }),
				schoolIds: (schools as { id: string }[]).map(({ id }) => id),
			}));
		},

		async members(tenantId, id, as) {
			const collection = { kind: 'users', of: 'classes', as, id } as const;
			const users = await allPages(
				async (page) => (await reader.list(tenantId, collection, { ...page, idsOnly: true })) ?? { items: [] },
				{ size },
			);
			return users.map((user) => String(user.id));
		},
	};
}

/** What a reader would see of a directory in memory. */
export function shownOf(directory: FakeDirectory): ShownDirectory {
	const own = (tenantId: string, kind: DirectoryKind) =>
		[...directory[kind].values()].filter((each) => each.tenantId === tenantId);

	function schoolsOf(kind: DirectoryKind, { id, tenantId, schoolId }: FakeObject): readonly string[] {
		if (kind !== 'users') return schoolId === undefined ? [] : [schoolId];
		const schools = own(tenantId, 'schools').map((school) => school.id);
		return schools.filter((school) => directory.membersOfSchool(school).includes(id)).sort();
	}

	return {
		async look(tenantId, kind) {
			return own(tenantId, kind).map((each) => {
				const { id, displayName, attributes } = each;
				return { id, displayName, ...attributes, schoolIds: schoolsOf(kind, each) };
			});
		},

		async members(_, classId, as) {
			const roles = as === 'teacher' ? (['teacher'] as const) : (['student', 'teacher'] as const);
			return [...new Set(roles.flatMap((role) => directory.membersOf(classId, role)))];
		},
	};
}
