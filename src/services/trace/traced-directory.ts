import type { DirectoryKind, DirectoryObject, TextCondition } from '../../directory-ports.ts';
import type { EntityKind } from '../../domain/sync/records/attribute-map.ts';
import type { MembershipKind } from '../../domain/sync/sync-kinds.ts';
import { membershipRules } from '../../domain/sync/sync-kinds.ts';
import type { TracedGroup, TracedObject } from '../../domain/trace/traced-facts.ts';
import type { TraceScope } from './trace-scope.ts';

const collections: Readonly<Record<EntityKind, DirectoryKind>> = {
	school: 'schools',
	section: 'classes',
	student: 'users',
	teacher: 'users',
};

/** An answer of a search may be empty and have others behind it; so many are asked for before it counts as nothing. */
const maxPages = 200;
/** A teacher may have the SIS id of a student. */
const pageSize = 10;

export interface Looked {
	kind: EntityKind;
	sisId: string;
	/** As the history knows it. */
	directoryId?: string | undefined;
}

/** The object of a record: by the id that the history has, or else by its SIS id. */
export async function findObject(scope: TraceScope, looked: Looked): Promise<TracedObject | undefined> {
	const { deps, ref } = scope;
	const kind = collections[looked.kind];
	const withSchools = kind === 'users';
	const known = looked.directoryId
		? await deps.directoryReader.get(ref.tenantId, kind, { id: looked.directoryId, withSchools })
		: undefined;
	if (known) return shown(known);
	const isIt = (object: DirectoryObject) =>
		object.externalId === looked.sisId && (kind !== 'users' || object.primaryRole === looked.kind);
	const found = await search(scope, kind, { property: 'externalId', value: looked.sisId, isIt });
	return found && shown(found);
}

/** Who has a sign-in name, as the SIS knows them. */
export async function personNamed(
	scope: TraceScope,
	name: string,
): Promise<{ kind: 'student' | 'teacher'; sisId: string } | undefined> {
	const found = await search(scope, 'users', { property: 'userPrincipalName', value: name, isIt: () => true });
	const kind = found?.primaryRole;
	if (typeof found?.externalId !== 'string' || (kind !== 'student' && kind !== 'teacher')) return undefined;
	return { kind, sisId: found.externalId };
}

interface Search {
	property: string;
	value: string;
	isIt(object: DirectoryObject): boolean;
}

async function search(
	{ deps, ref }: TraceScope,
	kind: DirectoryKind,
	{ property, value, isIt }: Search,
): Promise<DirectoryObject | undefined> {
	const where: TextCondition[] = [{ property, operator: 'eq', value }];
	let continuation: string | undefined;
	for (let page = 0; page < maxPages; page++) {
		const request = { size: pageSize, where, withSchools: kind === 'users' };
		const answer = await deps.directoryReader.list(
			ref.tenantId,
			{ kind },
			{ ...request, ...(continuation === undefined ? {} : { continuation }) },
		);
		const found = answer?.items.find(isIt);
		continuation = answer?.continuation;
		if (found || continuation === undefined) return found;
	}
	return undefined;
}

/** Directory ids of the members of classes, in the order given, whoever added them. */
export function membersOf(
	{ deps, ref }: TraceScope,
	ids: readonly string[],
	role: 'student' | 'teacher',
): Promise<readonly (readonly string[])[]> {
	return ids.length === 0 ? Promise.resolve([]) : deps.directory.classMembers(ref.tenantId, { ids, role });
}

/** Whether the directory has a membership. */
export type MemberTest = (membership: { kind: MembershipKind; group: string; person: string }) => boolean;

interface Placed {
	kind: EntityKind;
	sisId: string;
	directory?: TracedObject;
}

/** Asks for the members of the sections once; in which schools somebody is, the person itself says. */
export async function memberTest(
	scope: TraceScope,
	{ people, sections }: { people: readonly Placed[]; sections: readonly Placed[] },
): Promise<MemberTest> {
	const found = sections.flatMap(({ sisId, directory }) => (directory ? [{ sisId, id: directory.id }] : []));
	const ids = found.map(({ id }) => id);
	const [students, teachers] = [await membersOf(scope, ids, 'student'), await membersOf(scope, ids, 'teacher')];
	const placeOf = new Map(found.map(({ sisId }, at) => [sisId, at]));
	return ({ kind, group, person }) => {
		const { group: groupKind, role } = membershipRules[kind];
		const directory = people.find((each) => each.kind === role && each.sisId === person)?.directory;
		if (!directory) return false;
		if (groupKind === 'school') return directory.schools?.some(({ externalId }) => externalId === group) ?? false;
		const at = placeOf.get(group);
		const members = at === undefined ? [] : role === 'student' ? students[at] : teachers[at];
		return members?.includes(directory.id) ?? false;
	};
}

function shown(object: DirectoryObject): TracedObject {
	const { userPrincipalName, schools } = object;
	return {
		...groupOf(object),
		...(typeof userPrincipalName === 'string' ? { userPrincipalName } : {}),
		...(Array.isArray(schools) ? { schools: (schools as DirectoryObject[]).map(groupOf) } : {}),
	};
}

function groupOf({ id, externalId, displayName }: DirectoryObject): TracedGroup {
	return {
		id: String(id),
		...(typeof externalId === 'string' ? { externalId } : {}),
		...(typeof displayName === 'string' ? { displayName } : {}),
	};
}
