import { nearestName } from './nearest-name.ts';

/** The six record kinds of a roster, in the order of verification: a file refers only to files before it. */
export const rosterKinds = ['school', 'section', 'student', 'teacher', 'studentEnrollment', 'teacherRoster'] as const;
export type RosterKind = (typeof rosterKinds)[number];

/** Lower-case, as verification messages report it. */
export function rosterFileName(kind: RosterKind): string {
	return `${kind.toLowerCase()}.csv`;
}

const kindsByFileName: ReadonlyMap<string, RosterKind> = new Map(
	rosterKinds.map((kind) => [rosterFileName(kind), kind]),
);

/** Undefined for a file that is no part of a roster. Case is free, and so is one folder, because AzCopy adds it. */
export function kindOfFile(path: string): RosterKind | undefined {
	return kindsByFileName.get(path.toLowerCase().replace(/^[^/]*\//, ''));
}

/** Files by what they are. */
export interface SortedFiles<T> {
	readonly files: ReadonlyMap<RosterKind, T>;
	/** Kinds of which there are several files, as `School.csv` and `data/school.csv`. */
	readonly ambiguous: ReadonlySet<RosterKind>;
	readonly unknown: readonly T[];
}

export function sortFiles<T extends { name: string }>(all: Iterable<T>): SortedFiles<T> {
	const files = new Map<RosterKind, T>();
	const ambiguous = new Set<RosterKind>();
	const unknown: T[] = [];
	for (const file of all) {
		const kind = kindOfFile(file.name);
		if (!kind) unknown.push(file);
		else if (files.has(kind)) ambiguous.add(kind);
		else files.set(kind, file);
	}
	return { files, ambiguous, unknown };
}

/** The file of a roster whose name is most like that of one that is none, if it is like it at all. */
export function nearestFile(path: string): string | undefined {
	return nearestName(path.replace(/^.*\//, ''), kindsByFileName.keys());
}
