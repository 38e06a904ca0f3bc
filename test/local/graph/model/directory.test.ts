import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDirectory, type Directory } from '../../../../src/local/graph/model/directory.ts';
import type { Change, ObjectKind, Relation } from '../../../../src/local/graph/model/directory-object.ts';

/** Few ids and names, so that changes meet each other. */
const ids = ['u1', 'u2', 'u3', 'g1', 'g2', 'a1'];
const kinds: Record<string, ObjectKind> = { u: 'user', g: 'group', a: 'administrativeUnit' };
const skus = ['red', 'blue'];

interface Known {
	kind: ObjectKind;
	isDeleted: boolean;
	name: string;
	licenses: string[];
	members: Set<string>;
	owners: Set<string>;
}

/** What the directory should be, looked up the slow way. */
type Model = Map<string, Known>;

const idArbitrary = fc.constantFrom(...ids);
const relationArbitrary = fc.constantFrom<Relation>('members', 'owners');
const propertiesArbitrary = fc.record({
	displayName: fc.constantFrom('Ada', 'ADA', 'Bea'),
	assignedLicenses: fc.subarray(skus).map((chosen) => chosen.map((skuId) => ({ skuId, disabledPlans: [] }))),
	groupTypes: fc.constant(['Unified']),
});

const changeArbitrary: fc.Arbitrary<Change> = fc.oneof(
	fc.record({ id: idArbitrary, properties: propertiesArbitrary }).map(
		({ id, properties }): Change => ({
			type: 'create',
			id,
			kind: kinds[id.charAt(0)] as ObjectKind,
			at: 0,
			properties,
		}),
	),
	fc.record({ type: fc.constant('update' as const), id: idArbitrary, properties: propertiesArbitrary }),
	fc.record({
		type: fc.constantFrom('link' as const, 'unlink' as const),
		id: fc.constantFrom('g1', 'g2', 'a1'),
		relation: relationArbitrary,
		ids: fc.subarray(['u1', 'u2', 'u3', 'g1']),
	}),
	fc.record({ type: fc.constant('delete' as const), id: idArbitrary, at: fc.constant(5) }),
	fc.record({ type: fc.constantFrom('restore' as const, 'purge' as const), id: idArbitrary }),
);

/** Whether the change is one that the server would make. */
function isPossible(model: Model, change: Change): boolean {
	const known = model.get(change.id);
	if (change.type === 'create') return !known;
	if (!known) return false;
	if (change.type === 'link') return !known.isDeleted && change.ids.every((id) => model.get(id)?.isDeleted === false);
	return change.type === 'restore' || change.type === 'purge' ? known.isDeleted : !known.isDeleted;
}

function applyToModel(model: Model, change: Change): void {
	if (change.type === 'create' || change.type === 'update') {
		const { displayName, assignedLicenses } = change.properties as {
			displayName: string;
			assignedLicenses: { skuId: string }[];
		};
		const known: Known = model.get(change.id) ?? {
			kind: kinds[change.id.charAt(0)] as ObjectKind,
			isDeleted: false,
			name: '',
			licenses: [],
			members: new Set(),
			owners: new Set(),
		};
		model.set(change.id, { ...known, name: displayName, licenses: assignedLicenses.map(({ skuId }) => skuId) });
		return;
	}
	const known = model.get(change.id) as Known;
	if (change.type === 'link') for (const id of change.ids) known[change.relation].add(id);
	else if (change.type === 'unlink') for (const id of change.ids) known[change.relation].delete(id);
	else if (change.type === 'restore') known.isDeleted = false;
	else if (change.type === 'delete' && known.kind !== 'administrativeUnit') known.isDeleted = true;
	else forget(model, change.id);
}

function forget(model: Model, id: string): void {
	model.delete(id);
	for (const { members, owners } of model.values()) {
		members.delete(id);
		owners.delete(id);
	}
}

function shown(directory: Directory) {
	const of = (objects: Iterable<{ id: string }>) => [...objects].map(({ id }) => id).sort();
	return {
		live: Object.values(kinds).map((kind) => of(directory.list(kind, 0))),
		deleted: Object.values(kinds).map((kind) => of(directory.listDeleted(kind))),
		named: ['ada', 'bea'].map((name) => of(directory.having('user', 'displayName', name))),
		links: ids.map((id) => {
			const object = directory.find(id);
			return object && (['members', 'owners'] as const).map((relation) => of(directory.linked(object, relation)));
		}),
		holders: ids.map((id) => of(directory.linkedFrom(id, 'members', 'group'))),
		seats: skus.map(directory.seatsTaken),
		size: directory.size(),
	};
}

function expected(model: Model): ReturnType<typeof shown> {
	const all = [...model].map(([id, known]) => ({ id, ...known }));
	const live = all.filter(({ isDeleted }) => !isDeleted);
	const of = (objects: readonly { id: string }[]) => objects.map(({ id }) => id).sort();
	const ofKind = (objects: typeof all, kind: ObjectKind) => objects.filter((object) => object.kind === kind);
	const isLive = (id: string) => live.some((object) => object.id === id);
	const users = ofKind(live, 'user');
	return {
		live: Object.values(kinds).map((kind) => of(ofKind(live, kind))),
		deleted: Object.values(kinds).map((kind) =>
			of(
				ofKind(
					all.filter(({ isDeleted }) => isDeleted),
					kind,
				),
			),
		),
		named: ['ada', 'bea'].map((name) => of(users.filter((user) => user.name.toLowerCase() === name))),
		links: ids.map((id) => {
			const object = live.find((candidate) => candidate.id === id);
			return object && [object.members, object.owners].map((links) => [...links].filter(isLive).sort());
		}),
		holders: ids.map((id) => of(ofKind(live, 'group').filter(({ members }) => members.has(id)))),
		seats: skus.map((sku) => users.filter(({ licenses }) => licenses.includes(sku)).length),
		size: { live: live.length, deleted: all.length - live.length, users: users.length },
	};
}

test('after any changes the directory shows what a plain model says, indexes and counts included', () => {
	fc.assert(
		fc.property(fc.array(changeArbitrary, { minLength: 40, maxLength: 80 }), (changes) => {
			const directory = createDirectory();
			const model: Model = new Map();
			// Asked for before the first change, so that the index has to follow all of them.
			directory.having('user', 'displayName', 'ada');
			for (const change of changes) {
				if (!isPossible(model, change)) continue;
				directory.apply(change);
				applyToModel(model, change);
				expect(shown(directory)).toEqual(expected(model));
			}
		}),
		{ numRuns: 300 },
	);
});

test('a change of an object that is not there tells of a broken log', () => {
	expect(() => createDirectory().apply({ type: 'restore', id: 'x' })).toThrow('Cannot restore the object "x"');
});
