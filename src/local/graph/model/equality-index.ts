import { type DirectoryObject, type ObjectKind, valueAt } from './directory-object.ts';

/** Finds objects by the exact value of a property, compared in any case. */
export interface EqualityIndex {
	find(kind: ObjectKind, path: string, value: string): ReadonlySet<DirectoryObject>;
	/** Around every change of an object. */
	remove(object: DirectoryObject): void;
	add(object: DirectoryObject): void;
}

const none: ReadonlySet<DirectoryObject> = new Set();

/** A property is indexed from the first question about it on, so that nobody has to say beforehand what will be asked. */
export function createEqualityIndex(objects: (kind: ObjectKind) => Iterable<DirectoryObject>): EqualityIndex {
	const kinds = new Map<ObjectKind, Map<string, Map<string, Set<DirectoryObject>>>>();
	function pathsOf(kind: ObjectKind) {
		const paths = kinds.get(kind) ?? new Map<string, Map<string, Set<DirectoryObject>>>();
		kinds.set(kind, paths);
		return paths;
	}
	return {
		find(kind, path, value) {
			const paths = pathsOf(kind);
			let values = paths.get(path);
			if (!values) {
				values = new Map();
				paths.set(path, values);
				for (const object of objects(kind)) addTo(values, object, path);
			}
			return values.get(value.toLowerCase()) ?? none;
		},
		add(object) {
			for (const [path, values] of pathsOf(object.kind)) addTo(values, object, path);
		},
		remove(object) {
			for (const [path, values] of pathsOf(object.kind)) {
				const key = keyOf(object, path);
				const found = key === undefined ? undefined : values.get(key);
				found?.delete(object);
				if (key !== undefined && found?.size === 0) values.delete(key);
			}
		},
	};
}

function addTo(values: Map<string, Set<DirectoryObject>>, object: DirectoryObject, path: string): void {
	const key = keyOf(object, path);
	if (key === undefined) return;
	const found = values.get(key);
	if (found) found.add(object);
	else values.set(key, new Set([object]));
}

function keyOf(object: DirectoryObject, path: string): string | undefined {
	const value = valueAt(object, path);
	return typeof value === 'string' ? value.toLowerCase() : undefined;
}
