export type ObjectKind = 'user' | 'group' | 'administrativeUnit';
export type Relation = 'members' | 'owners';
export type Properties = Record<string, unknown>;

/**
 * An object of the directory, whichever face it is seen by: an educationUser is a user, an educationClass a group, and an
 * educationSchool an administrative unit. The faces name different properties of one and the same bag.
 */
export interface DirectoryObject {
	readonly id: string;
	readonly kind: ObjectKind;
	/** Counts all objects of the tenant in the order of their creation; pages go on from it. */
	readonly sequence: number;
	readonly createdMs: number;
	deletedMs?: number;
	properties: Properties;
	members?: Set<string>;
	owners?: Set<string>;
}

/** Everything that can happen to the directory. What is logged and applied again gives the same directory. */
export type Change =
	| { type: 'create'; id: string; kind: ObjectKind; at: number; properties: Properties }
	/** The properties take the place of those of the same names; null clears one. */
	| { type: 'update'; id: string; properties: Properties }
	| { type: 'link' | 'unlink'; id: string; relation: Relation; ids: readonly string[] }
	/** Users and Microsoft 365 groups can be restored afterwards. */
	| { type: 'delete'; id: string; at: number }
	| { type: 'restore' | 'purge'; id: string };

/** The value at a path such as `student/externalId`; undefined where there is none. */
export function valueAt(object: DirectoryObject, path: string): unknown {
	if (path === 'id') return object.id;
	if (path === 'createdDateTime') return toTime(object.createdMs);
	if (path === 'deletedDateTime') return object.deletedMs === undefined ? null : toTime(object.deletedMs);
	let value: unknown = object.properties;
	for (const name of path.split('/')) value = (value as Properties | null | undefined)?.[name];
	return value;
}

function toTime(ms: number): string {
	return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Microsoft 365 groups and users; other objects are gone when they are deleted. */
export function isRestorable({ kind, properties }: DirectoryObject): boolean {
	return kind === 'user' || (kind === 'group' && isUnified(properties));
}

export function isUnified({ groupTypes }: Properties): boolean {
	return Array.isArray(groupTypes) && groupTypes.includes('Unified');
}

/** How long deleted users and groups can be restored, and hold their names. */
const restorableMs = 30 * 24 * 3_600_000;

/** True for what lives, and for what is deleted and can still be restored. */
export function isWithinReach({ deletedMs }: DirectoryObject, nowMs: number): boolean {
	return deletedMs === undefined || nowMs - deletedMs <= restorableMs;
}
