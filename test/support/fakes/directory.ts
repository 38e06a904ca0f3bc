import { anchorOf, directoryId } from '../../../src/adapters/directory/tables/directory-keys.ts';
import type { Directory } from '../../../src/directory-ports.ts';
import type {
	DirectoryClass,
	DirectorySchool,
	DirectoryUser,
	MembershipChange,
	RekeyedObject,
	WriteOutcome,
} from '../../../src/domain/directory.ts';

interface FakeObject {
	id: string;
	tenantId: string;
	externalId: string;
	displayName: string;
	/** As the source called it last. */
	externalName?: string;
	attributes: Record<string, unknown>;
	/** Of a class; a directory id. */
	schoolId?: string;
	role?: 'student' | 'teacher';
	userPrincipalName?: string;
	/** Those of the last put that had some. */
	skuIds?: readonly string[];
}

export interface FakeDirectory extends Directory {
	/** By directory id. */
	schools: ReadonlyMap<string, FakeObject>;
	classes: ReadonlyMap<string, FakeObject>;
	users: ReadonlyMap<string, FakeObject>;
	membersOf(classId: string, role: 'student' | 'teacher'): readonly string[];
	/** Of all sources and roles. */
	membersOfSchool(schoolId: string): readonly string[];
}

/** The embedded directory, in memory: puts by natural key that merge, sign-in names that belong to one user, members as sets. */
export function fakeDirectory(): FakeDirectory {
	const schools = new Map<string, FakeObject>();
	const classes = new Map<string, FakeObject>();
	const users = new Map<string, FakeObject>();
	const members = new Map<string, Set<string>>();
	/** Where a SIS id means another object than the one that was made of it: to a source, or to whoever has no row of its own. */
	const anchors = new Map<string, string>();
	let renewed = 0;
	const membersKey = (classId: string, role: string, source: string) => `${classId}|${role}|${source}`;
	/** Those of a source, and those of whom nobody knows who added them. */
	const knownTo = (classId: string, role: string, source: string) => [
		...new Set(['', source].flatMap((each) => [...(members.get(membersKey(classId, role, each)) ?? [])])),
	];

	/** Of all sources. */
	const membersOf = (classId: string, role: string) => [
		...new Set([...members].flatMap(([key, ids]) => (key.startsWith(`${classId}|${role}|`) ? [...ids] : []))),
	];

	const schoolKey = (schoolId: string, role: string, source: string) => `${schoolId}|${role}|${source}`;

	/** Whether anything is another. */
	function changeSet(key: string, { add, remove }: Pick<MembershipChange, 'add' | 'remove'>): boolean {
		const before = members.get(key) ?? new Set<string>();
		const after = new Set(before);
		for (const each of remove) after.delete(each);
		for (const each of add) after.add(each);
		members.set(key, after);
		return after.size !== before.size || [...after].some((each) => !before.has(each));
	}

	function idOf(tenantId: string, kind: RekeyedObject['kind'], { externalId, externalSourceDetail: source }: Anchored) {
		const made = directoryId(tenantId, anchorOf(kind, externalId));
		return anchors.get(`${made}|${source}`) ?? anchors.get(made) ?? made;
	}

	function moveAnchor(
		tenantId: string,
		source: string,
		{ object, isTaken }: { object: RekeyedObject; isTaken: boolean },
	): void {
		const { kind, id, from, to } = object;
		const meant = (externalId: string) => idOf(tenantId, kind, { externalId, externalSourceDetail: source });
		const keyOf = (externalId: string) => directoryId(tenantId, anchorOf(kind, externalId));
		if (!isTaken && meant(from) === id)
			anchors.set(`${keyOf(from)}|${source}`, directoryId(tenantId, `renewed ${++renewed}`));
		if (meant(to) === id) return;
		anchors.set(keyOf(to), id);
		if (anchors.has(`${keyOf(to)}|${source}`)) anchors.set(`${keyOf(to)}|${source}`, id);
	}

	function put(objects: Map<string, FakeObject>, id: string, wanted: Wanted): WriteOutcome {
		const { updatesDisplayName, displayName, attributes, ...columns } = wanted;
		const old = objects.get(id);
		objects.set(id, {
			...old,
			...columns,
			id,
			displayName: old && !updatesDisplayName ? old.displayName : displayName,
			attributes: { ...old?.attributes, ...structuredClone(attributes) },
		});
		return { ok: true, id, changed: true };
	}

	function putUser(tenantId: string, user: DirectoryUser): WriteOutcome {
		const { account, role } = user;
		if (account.mode === 'create') {
			const id = idOf(tenantId, role, user);
			const { displayName, userPrincipalName } = account;
			if (ownersOf(tenantId, (name) => name === userPrincipalName.toLowerCase()).some((owner) => owner !== id))
				return nameIsTaken;
			return put(users, id, { ...wantedOf(tenantId, { ...user, displayName }), role, userPrincipalName });
		}
		const value = account.value.toLowerCase();
		const isNickname = account.property === 'mailNickname';
		const [id, ...others] = ownersOf(tenantId, (name) => (isNickname ? name.split('@')[0] : name) === value);
		if (id === undefined) return { ok: false, code: 'UnsynchronizableChange', message: 'Nobody matches.' };
		if (others.length > 0) return { ok: false, code: 'DuplicateTargetEntries', message: 'Several match.' };
		const { displayName } = users.get(id) as FakeObject;
		return put(users, id, { ...wantedOf(tenantId, { ...user, displayName }), role });
	}

	/** Takes the names from those who wait for each other in a circle. */
	function exchange(tenantId: string, wanted: readonly DirectoryUser[], outcomes: readonly WriteOutcome[]): boolean {
		const waiting = wanted.filter((user, at) => !outcomes[at]?.ok && user.account.mode === 'create');
		const holderOf = new Map(
			waiting.map((user) => {
				const name = user.account.mode === 'create' ? user.account.userPrincipalName.toLowerCase() : '';
				return [idOf(tenantId, user.role, user), ownersOf(tenantId, (other) => other === name)[0]] as const;
			}),
		);
		let found = false;
		for (const start of holderOf.keys()) {
			const path = new Set<string>();
			let at: string | undefined = start;
			while (at !== undefined && holderOf.has(at) && !path.has(at)) {
				path.add(at);
				at = holderOf.get(at);
			}
			if (at !== start) continue;
			found = true;
			const holder = users.get(start);
			if (holder) users.set(start, { ...holder, userPrincipalName: `renaming-${start}` });
		}
		return found;
	}

	function ownersOf(tenantId: string, matches: (lowerCaseName: string) => boolean): string[] {
		const own = [...users.values()].filter((user) => user.tenantId === tenantId);
		return own.filter(({ userPrincipalName = '' }) => matches(userPrincipalName.toLowerCase())).map(({ id }) => id);
	}

	return {
		schools,
		classes,
		users,
		membersOfSchool: (schoolId) => [
			...new Set([...members].flatMap(([key, ids]) => (key.startsWith(`${schoolId}|`) ? [...ids] : []))),
		],
		membersOf,

		putSchools: async (tenantId, wanted) =>
			wanted.map((school) => put(schools, idOf(tenantId, 'school', school), wantedOf(tenantId, school))),

		putClasses: async (tenantId, wanted) =>
			wanted.map((each) => put(classes, idOf(tenantId, 'section', each), wantedOf(tenantId, each))),

		async putUsers(tenantId, wanted) {
			const outcomes = wanted.map((user) => putUser(tenantId, user));
			// Names that others of the call give up are free as soon as those have theirs, and where users exchange names, all get theirs.
			for (;;) {
				const before = refusals(outcomes);
				for (const [at, user] of wanted.entries()) if (!outcomes[at]?.ok) outcomes[at] = putUser(tenantId, user);
				if (before === refusals(outcomes) && !exchange(tenantId, wanted, outcomes)) return outcomes;
			}
		},

		changeMembers: async (_, changes) =>
			changes.map(({ classId, role, source = '', wantsOthers, ...change }) => {
				const named = new Set([...change.add, ...change.remove]);
				const others = knownTo(classId, role, source).filter((id) => !named.has(id));
				const keys = new Set([membersKey(classId, role, source), membersKey(classId, role, '')]);
				const [own, byHand = false] = [...keys].map((key, at) =>
					changeSet(key, at === 0 ? change : { add: [], remove: change.remove }),
				);
				const outcome = { ok: true, id: classId, changed: own === true || byHand } as const;
				return wantsOthers ? { ...outcome, others } : outcome;
			}),

		changeSchoolMembers: async (_, changes) =>
			changes.map(({ schoolId, role, source, ...change }) => ({
				ok: true,
				id: schoolId,
				changed: changeSet(schoolKey(schoolId, role, source), change),
			})),

		classMembers: async (_, { ids, role, source }) =>
			ids.map((id) => (source === undefined ? membersOf(id, role) : knownTo(id, role, source))),

		schoolMembers: async (_, { ids, role, source }) =>
			ids.map((id) => [...(members.get(schoolKey(id, role, source)) ?? [])]),

		estimate: ({ schools, users, classes, groups }) => {
			const writes = schools + users + classes + groups;
			return { writes, seconds: Math.ceil(writes / 20) };
		},

		usersNamed: async (tenantId, { property, values }) =>
			values.map((value) => {
				const isNickname = property === 'mailNickname';
				const wanted = value.toLowerCase();
				const owners = ownersOf(tenantId, (name) => (isNickname ? name.split('@')[0] : name) === wanted);
				return owners.length === 1 ? owners[0] : undefined;
			}),

		describe: async (_, { kind, ids }) =>
			ids.map((id) => {
				if (kind === 'student' || kind === 'teacher') {
					const user = users.get(id);
					const parts = [user?.attributes.givenName, user?.attributes.surname].filter(
						(part) => typeof part === 'string',
					);
					return user && { name: parts.join(' ') };
				}
				const object = (kind === 'school' ? schools : classes).get(id);
				if (!object) return undefined;
				const { displayName, externalName = displayName, schoolId } = object;
				return { name: externalName, ...(schoolId === undefined ? {} : { schoolId }) };
			}),

		async rekey(tenantId, { source, objects }) {
			const taken = new Set(objects.map(({ kind, to }) => anchorOf(kind, to)));
			for (const object of objects) {
				const isTaken = taken.has(anchorOf(object.kind, object.from));
				moveAnchor(tenantId, source, { object, isTaken });
			}
			for (const { kind, id, to: externalId } of objects) {
				const kept = { school: schools, section: classes, student: users, teacher: users }[kind];
				const known = kept.get(id);
				if (known) kept.set(id, { ...known, externalId });
			}
		},
	};
}

const refusals = (outcomes: readonly WriteOutcome[]) => outcomes.filter(({ ok }) => !ok).length;

type Anchored = Pick<DirectoryUser, 'externalId' | 'externalSourceDetail'>;

type Wanted = Omit<FakeObject, 'id'> & { updatesDisplayName: boolean };

const nameIsTaken: WriteOutcome = {
	ok: false,
	code: 'AzureActiveDirectoryInvalidPropertyValue',
	isNameTaken: true,
	message: 'Another user has the name.',
};

type Put = DirectorySchool | DirectoryClass | (DirectoryUser & { displayName: string });

function wantedOf(tenantId: string, put: Put): Wanted {
	const { externalId, displayName, updatesDisplayName, attributes } = put;
	const school = 'schoolId' in put ? { schoolId: put.schoolId, externalName: displayName } : {};
	const licences = 'skuIds' in put && put.skuIds.length > 0 ? { skuIds: put.skuIds } : {};
	return { tenantId, externalId, displayName, updatesDisplayName, attributes, ...school, ...licences };
}
