import type {
	DirectoryClass,
	DirectorySchool,
	DirectoryUser,
	MatchProperty,
	MembershipChange,
	ObjectDescription,
	RekeyedObject,
	SchoolMembershipChange,
	WriteOutcome,
} from './domain/directory.ts';
import type { Page, PageRequest } from './ports.ts';

/** What a sync writes to, and what shows it. */

/** Classes or schools by directory ids. */
export interface GroupsRead {
	ids: readonly string[];
	/** The profile's id. */
	source?: string;
	role: 'student' | 'teacher';
}

/** What a run is about to write: so many objects, and so many classes and schools whose members change. */
export interface PlannedWrites {
	schools: number;
	users: number;
	classes: number;
	groups: number;
}

export interface WriteEstimate {
	/** Requests that change the directory, as runs count them. */
	writes: number;
	seconds: number;
}

/**
 * A moment after which no request of a write may be under way; or who gives one that is some time ahead, for as long as writing is allowed.
 * A directory that takes its time asks again before each request.
 */
export type Deadline = Date | (() => Promise<Date>);

/**
 * The target of a sync. Every write is idempotent by natural key, answers one outcome per item in the order given, and throws only
 * when the directory itself is out of reach. No request of a write is under way after its deadline: it throws then.
 */
export interface Directory {
	putSchools(
		tenantId: string,
		schools: readonly DirectorySchool[],
		deadline?: Deadline,
	): Promise<readonly WriteOutcome[]>;
	putUsers(tenantId: string, users: readonly DirectoryUser[], deadline?: Deadline): Promise<readonly WriteOutcome[]>;
	putClasses(
		tenantId: string,
		classes: readonly DirectoryClass[],
		deadline?: Deadline,
	): Promise<readonly WriteOutcome[]>;
	/** One item per class, one outcome per item. Adding a member twice or removing a stranger is success. */
	changeMembers(
		tenantId: string,
		changes: readonly MembershipChange[],
		deadline?: Deadline,
	): Promise<readonly WriteOutcome[]>;
	/**
	 * Directory ids of the members of each class: those of the role. With a source, all but whom another one is known to have added.
	 */
	classMembers(tenantId: string, classes: GroupsRead): Promise<readonly (readonly string[])[]>;
	/** The same for schools. */
	schoolMembers(tenantId: string, schools: GroupsRead & { source: string }): Promise<readonly (readonly string[])[]>;
	/** As `changeMembers`, for schools. */
	changeSchoolMembers(
		tenantId: string,
		changes: readonly SchoolMembershipChange[],
		deadline?: Deadline,
	): Promise<readonly WriteOutcome[]>;
	/** What it will come to, before anything is asked of the directory. */
	estimate(planned: PlannedWrites): WriteEstimate;
	/** Directory ids of the users that have these values, in the order given; undefined where there is none, or several. */
	usersNamed(
		tenantId: string,
		users: { property: MatchProperty; values: readonly string[] },
	): Promise<readonly (string | undefined)[]>;
	/** Undefined where there is no such object. */
	describe(
		tenantId: string,
		objects: { kind: RekeyedObject['kind']; ids: readonly string[] },
	): Promise<readonly (ObjectDescription | undefined)[]>;
	/**
	 * The objects have other SIS ids from now on: whoever puts the new one writes onto the object that is there. To the source the old id
	 * means nothing any more, and a put of it makes another object; to other sources it means what it did until they change it too.
	 */
	rekey(
		tenantId: string,
		change: { source: string; objects: readonly RekeyedObject[] },
		deadline?: Deadline,
	): Promise<void>;
}

export type DirectoryKind = 'schools' | 'classes' | 'users';

/** The text of a property, compared in any case. An object without the property does not meet it. */
export interface TextCondition {
	property: string;
	operator: 'eq' | 'startswith';
	value: string;
}

/** The objects of one kind: all of the tenant, or those that one object leads to. */
export type DirectoryCollection =
	| { kind: DirectoryKind; of?: undefined }
	| { kind: 'classes' | 'users'; of: 'schools'; id: string }
	| { kind: 'schools'; of: 'classes' | 'users'; id: string }
	/** A teacher is a member too. */
	| { kind: 'users'; of: 'classes'; as: 'member' | 'teacher'; id: string }
	| { kind: 'classes'; of: 'users'; as: 'member' | 'teacher'; id: string };

export interface DirectoryRequest extends PageRequest {
	/** All of them must be met. */
	where?: readonly TextCondition[];
	/** Counts the whole collection, and so looks at all of it. */
	wantsCount?: boolean;
	/** Shows the schools of each class or user as its member `schools`. */
	withSchools?: boolean;
	/** Spares the look-up of what is known by its id. */
	idsOnly?: boolean;
}

export type DirectoryObject = Record<string, unknown>;

/**
 * Shows the embedded directory in the shape of Graph's education resources. Collections are in order of ids; the continuation is
 * an id, and must be a GUID in lower case. A page may be short, or empty, and have others behind it.
 */
export interface DirectoryReader {
	get(
		tenantId: string,
		kind: DirectoryKind,
		wanted: { id: string; withSchools?: boolean },
	): Promise<DirectoryObject | undefined>;
	/** Undefined if the object that leads to the collection is not there. */
	list(
		tenantId: string,
		collection: DirectoryCollection,
		request: DirectoryRequest,
	): Promise<CountedPage<DirectoryObject> | undefined>;
	/** Undefined if the object that leads to the collection is not there. */
	count(
		tenantId: string,
		collection: DirectoryCollection,
		where?: readonly TextCondition[],
	): Promise<number | undefined>;
}

interface CountedPage<T> extends Page<T> {
	/** Of all pages, if it was asked for. */
	count?: number;
}
