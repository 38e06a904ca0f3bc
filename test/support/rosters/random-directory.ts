import type { Random } from '../../../bench/random.ts';
import type { Directory, DirectoryCollection, DirectoryKind, TextCondition } from '../../../src/directory-ports.ts';
import { idsOf, joining, named, school, section, student } from './directory-objects.ts';

/** What a directory should show, in plain memory. */
export interface ModelDirectory {
	schools: ModelObject[];
	classes: ModelObject[];
	users: ModelObject[];
}

interface ModelObject {
	id: string;
	texts: Readonly<Record<string, string>>;
	schools: readonly string[];
	/** Of a class. */
	students: readonly string[];
	teachers: readonly string[];
}

const words = [
	'Ada',
	'ada',
	'ADA',
	'Álvaro',
	'álvaro',
	"O'Neil",
	'Ñu',
	'学校',
	'a_b',
	'a-b',
	'a=b',
	'100%',
	'😀',
	'Zoë',
];

/** Nobody has such a name, and storage must not stumble over it. */
const hostile = ["\u0000'", "' or RowKey ge '", '%27', '\u007f', '*', '"'];

const nameOf = (random: Random) =>
	Array.from({ length: 1 + random.below(3) }, () => random.pick(words)).join(random.chance(0.5) ? ' ' : '');

const some = <T>(random: Random, items: readonly T[], most: number) => [
	...new Set(Array.from({ length: random.below(most + 1) }, () => random.pick(items))),
];

/** Fills a tenant with anything from nothing to a few dozen objects of each kind. */
export async function fillDirectory(directory: Directory, tenant: string, random: Random): Promise<ModelDirectory> {
	const object = { schools: [], students: [], teachers: [] };
	const keys = (prefix: string, most: number) =>
		Array.from({ length: random.below(most) }, (_, at) => `${random.pick([prefix, prefix.toLowerCase()])}${at}`);
	const plan = (prefix: string, most: number) =>
		keys(prefix, most).map((externalId) => ({ externalId, displayName: nameOf(random) }));

	const schoolPlan = plan('S', 6);
	const schoolIds = idsOf(
		await directory.putSchools(
			tenant,
			schoolPlan.map((each) => school(each.externalId, each)),
		),
	);
	const model: ModelDirectory = { schools: [], classes: [], users: [] };
	model.schools = schoolPlan.map((texts, at) => ({ ...object, id: schoolIds[at] as string, texts }));
	if (schoolIds.length === 0) return model;

	const userPlan = plan('P', 40).map(({ externalId, displayName }) => ({
		texts: {
			externalId,
			displayName,
			userPrincipalName: `${random.pick(['Ada', 'Bo', 'ñu'])}.${externalId}@Example.org`,
		},
		schools: some(random, schoolIds, 3),
	}));
	const users = userPlan.map(({ texts }) =>
		student(texts.externalId, { account: named(texts.userPrincipalName, texts.displayName) }),
	);
	const userIds = idsOf(await directory.putUsers(tenant, users));
	await directory.changeSchoolMembers(
		tenant,
		schoolIds.flatMap((id) => {
			const members = userIds.filter((_, at) => userPlan[at]?.schools.includes(id));
			// Some twice, by different sources.
			return [joining(id, members), joining(id, members.slice(0, 2), { source: 'another', role: 'teacher' })];
		}),
	);
	model.users = userPlan.map((each, at) => ({ ...object, ...each, id: userIds[at] as string }));

	const classPlan = plan('C', 25).map((texts) => ({ texts, schoolId: random.pick(schoolIds) }));
	const classes = classPlan.map(({ texts, schoolId }) => section(texts.externalId, schoolId, texts));
	const classIds = idsOf(await directory.putClasses(tenant, classes));
	model.classes = classPlan.map(({ texts, schoolId }, at) => ({
		id: classIds[at] as string,
		texts,
		schools: [schoolId],
		students: userIds.length > 0 ? some(random, userIds, 8) : [],
		teachers: userIds.length > 0 ? some(random, userIds, 2) : [],
	}));
	const changes = model.classes.flatMap(({ id, students, teachers }) => [
		{ classId: id, role: 'student' as const, add: students, remove: [] },
		{ classId: id, role: 'teacher' as const, add: teachers, remove: [] },
	]);
	await directory.changeMembers(tenant, changes);
	return model;
}

/** The ids of a collection, in order; undefined if what leads to it is not there. */
export function modelIds(
	model: ModelDirectory,
	collection: DirectoryCollection,
	where: readonly TextCondition[],
): string[] | undefined {
	const { kind, of } = collection;
	const owner = of && model[of].find(({ id }) => id === collection.id);
	if (of && !owner) return undefined;
	const belongs = (object: ModelObject) => {
		if (!owner) return true;
		if (of === 'schools') return object.schools.includes(owner.id);
		if (kind === 'schools') return owner.schools.includes(object.id);
		const [section, user] = kind === 'classes' ? [object, owner] : [owner, object];
		const isTeacher = section.teachers.includes(user.id);
		return 'as' in collection && collection.as === 'teacher'
			? isTeacher
			: isTeacher || section.students.includes(user.id);
	};
	const isMet = (object: ModelObject) =>
		where.every(({ property, operator, value }) => {
			const text = object.texts[property]?.toLowerCase() ?? '';
			return operator === 'eq' ? text === value.toLowerCase() : text.startsWith(value.toLowerCase());
		});
	return model[kind]
		.filter((object) => belongs(object) && isMet(object))
		.map(({ id }) => id)
		.sort();
}

export function randomCollection(model: ModelDirectory, random: Random): DirectoryCollection {
	const kind = random.pick(['schools', 'classes', 'users'] as const);
	const relations = {
		schools: [{ of: 'classes' }, { of: 'users' }],
		classes: [{ of: 'schools' }, { of: 'users', as: 'member' }, { of: 'users', as: 'teacher' }],
		users: [{ of: 'schools' }, { of: 'classes', as: 'member' }, { of: 'classes', as: 'teacher' }],
	} as const;
	const relation: { of: DirectoryKind; as?: string } = random.pick<{ of: DirectoryKind; as?: string }>(relations[kind]);
	const owners = model[relation.of];
	if (owners.length === 0 || random.chance(0.35)) return { kind };
	return { kind, ...relation, id: random.pick(owners).id } as DirectoryCollection;
}

/** Of texts that are there, in another case or cut, and of some that are not. */
export function randomConditions(model: ModelDirectory, kind: DirectoryKind, random: Random): TextCondition[] {
	if (random.chance(0.3)) return [];
	const properties = ['externalId', 'displayName', ...(kind === 'users' ? ['userPrincipalName'] : [])];
	return Array.from({ length: 1 + random.below(3) }, (): TextCondition => {
		const property = random.pick(properties);
		const known = model[kind].map(({ texts }) => texts[property] ?? '');
		const text = random.pick([...known, random.pick(words), '', 'x~', 'nobody@example.org', ...hostile]);
		const cased = random.pick([text, text.toUpperCase(), text.toLowerCase()]);
		const characters = [...cased];
		return random.chance(0.5)
			? { property, operator: 'eq', value: cased }
			: { property, operator: 'startswith', value: characters.slice(0, random.below(characters.length + 1)).join('') };
	});
}
