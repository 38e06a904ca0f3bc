import {
	type Change,
	type DirectoryObject,
	isRestorable,
	type ObjectKind,
	type Properties,
	type Relation,
} from './directory-object.ts';
import { createEqualityIndex } from './equality-index.ts';

/** The objects of one tenant and how they hang together, in memory. */
export interface Directory {
	/** Undefined also for what is deleted. */
	find(id: string): DirectoryObject | undefined;
	findDeleted(id: string): DirectoryObject | undefined;
	/** In the order of creation, those after the sequence. */
	list(kind: ObjectKind, afterSequence: number): Iterable<DirectoryObject>;
	listDeleted(kind: ObjectKind): DirectoryObject[];
	/** By the exact value of a text property, in any case of letters. */
	having(kind: ObjectKind, path: string, value: string): DirectoryObject[];
	/** Deleted ones as well: they hold their names until they are purged. */
	holdersOfName(kind: ObjectKind, path: string, value: string): DirectoryObject[];
	linked(object: DirectoryObject, relation: Relation): DirectoryObject[];
	hasLink(object: DirectoryObject, relation: Relation, id: string): boolean;
	/** The objects that have `id` in the relation. */
	linkedFrom(id: string, relation: Relation, kind: ObjectKind): DirectoryObject[];
	seatsTaken(skuId: string): number;
	/** Live and deleted objects. */
	size(): { live: number; deleted: number; users: number };
	apply(change: Change): void;
}

export function createDirectory(): Directory {
	const state = createState();
	return {
		...createReading(state),
		apply: (change) => applyChange(state, change),
	};
}

type State = ReturnType<typeof createState>;

function createState() {
	const byKind: Record<ObjectKind, DirectoryObject[]> = { user: [], group: [], administrativeUnit: [] };
	const objects = new Map<string, DirectoryObject>();
	return {
		objects,
		byKind,
		/** Object id to the ids of those that it is linked from. */
		linkedFrom: { members: new Map<string, Set<string>>(), owners: new Map<string, Set<string>>() },
		seats: new Map<string, number>(),
		index: createEqualityIndex((kind) => byKind[kind]),
		counts: { live: 0, deleted: 0, users: 0 },
		nextSequence: 1,
	};
}

function createReading(state: State): Omit<Directory, 'apply'> {
	const isLive = (object: DirectoryObject | undefined): object is DirectoryObject =>
		object !== undefined && object.deletedMs === undefined;
	const find = (id: string) => {
		const object = state.objects.get(id);
		return isLive(object) ? object : undefined;
	};
	const holdersOfName: Directory['holdersOfName'] = (kind, path, value) => [...state.index.find(kind, path, value)];
	return {
		find,
		findDeleted: (id) => {
			const object = state.objects.get(id);
			return isLive(object) ? undefined : object;
		},
		*list(kind, afterSequence) {
			const all = state.byKind[kind];
			for (let at = firstAfter(all, afterSequence); at < all.length; at += 1) {
				const object = all[at];
				if (isLive(object)) yield object;
			}
		},
		listDeleted: (kind) => state.byKind[kind].filter((object) => !isLive(object)),
		having: (kind, path, value) => holdersOfName(kind, path, value).filter(isLive),
		holdersOfName,
		linked: (object, relation) => [...(object[relation] ?? [])].map(find).filter(isLive),
		hasLink: (object, relation, id) => object[relation]?.has(id) ?? false,
		linkedFrom: (id, relation, kind) =>
			[...(state.linkedFrom[relation].get(id) ?? [])]
				.map(find)
				.filter((object) => isLive(object) && object.kind === kind) as DirectoryObject[],
		seatsTaken: (skuId) => state.seats.get(skuId) ?? 0,
		size: () => ({ ...state.counts }),
	};
}

/** Position of the first object beyond the sequence; they stand in its order. */
function firstAfter(objects: readonly DirectoryObject[], sequence: number): number {
	let low = 0;
	let high = objects.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((objects[middle] as DirectoryObject).sequence <= sequence) low = middle + 1;
		else high = middle;
	}
	return low;
}

type Apply<C extends Change> = (state: State, object: DirectoryObject, change: C) => void;
type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>;

const applications: { [T in Exclude<Change['type'], 'create'>]: Apply<ChangeOf<T>> } = {
	update: (state, object, { properties }) =>
		around(state, object, () => {
			object.properties = merged(object.properties, properties);
		}),
	link,
	unlink,
	delete(state, object, { at }) {
		if (!isRestorable(object)) purge(state, object);
		else
			around(state, object, () => {
				object.deletedMs = at;
			});
	},
	restore: (state, object) =>
		around(state, object, () => {
			delete object.deletedMs;
		}),
	purge,
};

function applyChange(state: State, change: Change): void {
	if (change.type === 'create') {
		create(state, change);
		return;
	}
	const object = state.objects.get(change.id);
	if (!object) throw new Error(`Cannot ${change.type} the object "${change.id}": the directory has no such object`);
	const apply = applications[change.type] as Apply<Change>;
	apply(state, object, change);
}

function create(state: State, { id, kind, at, properties }: Extract<Change, { type: 'create' }>): void {
	const object: DirectoryObject = {
		id,
		kind,
		sequence: state.nextSequence,
		createdMs: at,
		properties: merged({}, properties),
	};
	state.nextSequence += 1;
	state.objects.set(id, object);
	state.byKind[kind].push(object);
	count(state, object, 1);
	state.index.add(object);
}

function around(state: State, object: DirectoryObject, change: () => void): void {
	state.index.remove(object);
	count(state, object, -1);
	change();
	count(state, object, 1);
	state.index.add(object);
}

function count({ counts, seats }: State, object: DirectoryObject, by: 1 | -1): void {
	if (object.deletedMs !== undefined) {
		counts.deleted += by;
		return;
	}
	counts.live += by;
	if (object.kind !== 'user') return;
	counts.users += by;
	const licenses = (object.properties.assignedLicenses ?? []) as { skuId: string }[];
	for (const { skuId } of licenses) seats.set(skuId, (seats.get(skuId) ?? 0) + by);
}

function merged(present: Properties, change: Properties): Properties {
	const entries = Object.entries({ ...present, ...change }).filter(([, value]) => value !== null);
	return Object.fromEntries(entries);
}

interface LinkChange {
	relation: Relation;
	ids: readonly string[];
}

function link(state: State, object: DirectoryObject, { relation, ids }: LinkChange): void {
	object[relation] ??= new Set();
	const links = object[relation];
	for (const wanted of ids) {
		// The one copy of the id that the object itself has: a directory has many more links than objects.
		const id = state.objects.get(wanted)?.id ?? wanted;
		links.add(id);
		const from = state.linkedFrom[relation].get(id);
		if (from) from.add(object.id);
		else state.linkedFrom[relation].set(id, new Set([object.id]));
	}
}

function unlink(state: State, object: DirectoryObject, { relation, ids }: LinkChange): void {
	for (const id of ids) {
		object[relation]?.delete(id);
		state.linkedFrom[relation].get(id)?.delete(object.id);
	}
}

function purge(state: State, object: DirectoryObject): void {
	for (const relation of ['members', 'owners'] as const) {
		unlink(state, object, { relation, ids: [...(object[relation] ?? [])] });
		for (const holder of state.linkedFrom[relation].get(object.id) ?? []) {
			state.objects.get(holder)?.[relation]?.delete(object.id);
		}
		state.linkedFrom[relation].delete(object.id);
	}
	state.index.remove(object);
	count(state, object, -1);
	state.objects.delete(object.id);
	const all = state.byKind[object.kind];
	all.splice(firstAfter(all, object.sequence - 1), 1);
}
