import type { Deadline, Directory } from '../../../src/directory-ports.ts';
import type { RekeyedObject } from '../../../src/domain/directory.ts';
import type { Clock } from '../../../src/ports.ts';
import { FakeAnchors } from './directory/anchors.ts';
import { FakeMembers } from './directory/members.ts';
import { describedObject, type FakeObject, fakeObjects } from './directory/objects.ts';
import { putUsers, usersNamed, written } from './directory/users.ts';

export interface FakeDirectory extends Directory {
	/** By directory id. */
	schools: ReadonlyMap<string, FakeObject>;
	classes: ReadonlyMap<string, FakeObject>;
	users: ReadonlyMap<string, FakeObject>;
	/** Of all sources. */
	membersOf(classId: string, role: 'student' | 'teacher'): readonly string[];
	/** Of all sources and roles. */
	membersOfSchool(schoolId: string): readonly string[];
}

/** The embedded directory, in memory: puts by natural key that merge, sign-in names that belong to one user, members as sets. */
export function fakeDirectory(clock: Pick<Clock, 'now'>): FakeDirectory {
	const [schools, classes, users] = [fakeObjects(), fakeObjects(), fakeObjects()];
	const [anchors, members] = [new FakeAnchors(), new FakeMembers()];
	const objectsOf = (kind: RekeyedObject['kind']) =>
		({ school: schools, section: classes, student: users, teacher: users })[kind];

	/** Nothing is written after the deadline. */
	async function before<T>(deadline: Deadline | undefined, work: () => T): Promise<T> {
		const moment = typeof deadline === 'function' ? await deadline() : deadline;
		if (moment && moment <= clock.now())
			throw new Error(`Cannot write to the directory: the deadline, ${moment.toISOString()}, has passed.`);
		return work();
	}

	return {
		schools: schools.all,
		classes: classes.all,
		users: users.all,
		membersOf: (classId, role) => members.ofClassAtAll(classId, role),
		membersOfSchool: (schoolId) => members.ofSchoolAtAll(schoolId),

		putSchools: (tenantId, wanted, deadline) =>
			before(deadline, () =>
				wanted.map((school) => {
					const id = anchors.idOf(tenantId, 'school', school);
					schools.put(tenantId, id, { ...school, properties: {} });
					return written(id);
				}),
			),

		putClasses: (tenantId, wanted, deadline) =>
			before(deadline, () =>
				wanted.map((each) => {
					const properties = { mailNickname: each.mailNickname, externalName: each.displayName };
					const id = anchors.idOf(tenantId, 'section', each);
					classes.put(tenantId, id, { ...each, properties });
					return written(id);
				}),
			),

		putUsers: (tenantId, wanted, deadline) =>
			before(deadline, () => putUsers({ objects: users, anchors, tenantId }, wanted)),

		changeMembers: (tenantId, changes, deadline) =>
			before(deadline, () => changes.map((change) => members.changeClass(tenantId, change))),

		changeSchoolMembers: (tenantId, changes, deadline) =>
			before(deadline, () => changes.map((change) => members.changeSchool(tenantId, change))),

		classMembers: async (tenantId, { ids, ...place }) => ids.map((id) => members.ofClass(tenantId, id, place)),

		schoolMembers: async (tenantId, { ids, ...place }) =>
			ids.map((schoolId) => members.ofSchool(tenantId, { schoolId, ...place })),

		estimate: (planned) => {
			const writes = planned.schools + planned.users + planned.classes + planned.groups;
			return { writes, seconds: Math.ceil(writes / 20) };
		},

		usersNamed: async (tenantId, wanted) => usersNamed(users, tenantId, wanted),

		describe: async (tenantId, { kind, ids }) =>
			ids.map((id) => {
				const object = objectsOf(kind).all.get(id);
				return object?.tenantId === tenantId ? describedObject(kind, object) : undefined;
			}),

		rekey: (tenantId, { source, objects }, deadline) =>
			before(deadline, () => {
				anchors.move(tenantId, source, objects);
				for (const { kind, id, to } of objects) objectsOf(kind).rekey(tenantId, id, { kind, externalId: to });
			}),
	};
}
