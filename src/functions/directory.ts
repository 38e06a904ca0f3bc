import type { HttpHandler } from '@azure/functions';
import type { DirectoryCollection, DirectoryKind, DirectoryRequest } from '../directory-ports.ts';
import { SyncApiError } from '../domain/errors.ts';
import { collectionBody, countBody, entityBody } from '../http/answers/odata-bodies.ts';
import { directoryShapes } from '../http/odata/directory-shapes.ts';
import { queryOf } from '../http/odata/list-query.ts';
import { refusedSkipToken } from '../http/odata/lists/skip-token.ts';
import { project } from '../http/odata/projection.ts';
import type { ODataQuery } from '../http/odata/query-options.ts';
import { type Operation, operations } from '../http/operations.ts';
import type { ApiRequest } from '../http/requests/api-request.ts';
import { isGuid } from '../http/requests/guid.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

/**
 * The embedded directory, to look at: objects and collections as Graph's education resources have them, and of their properties
 * those that a sync writes.
 */

/** A collection by what it is to the object that the path names, if it names one. */
type Relation = DirectoryCollection extends infer C ? (C extends unknown ? Omit<C, 'id'> : never) : never;

const defaultPageSize = 100;

function collectionOf(relation: Relation, { params }: ApiRequest): DirectoryCollection {
	return { ...relation, ...(relation.of ? { id: params.id } : {}) } as DirectoryCollection;
}

function registerList(operation: Operation, relation: Relation): HttpHandler {
	return registerOperation(operation, async (request) => {
		const query = queryOf(request, directoryShapes[relation.kind].list);
		const { directory } = servicesFor(request);
		const collection = collectionOf(relation, request);
		const page = await directory.list(request.caller.tenantId, collection, requestOf(query));
		if (!page) throw notFound(relation.of, request);
		const items = page.items.map((item) => project(item, query));
		return { jsonBody: collectionBody(request, `education/${relation.kind}`, { ...page, items }) };
	});
}

function requestOf({ top = defaultPageSize, continuation, conditions, ...query }: ODataQuery): DirectoryRequest {
	const { select, expand } = query;
	return {
		size: top,
		...(continuation === undefined ? {} : { continuation: placeOf(continuation) }),
		where: conditions ?? [],
		// A count may take a reading of everything: it is made once, for the first page.
		wantsCount: query.wantsCount && continuation === undefined,
		withSchools: expand.has('schools'),
		idsOnly: select !== undefined && [...select].join() === 'id',
	};
}

/** The continuation becomes part of a storage key. */
function placeOf(continuation: string): string {
	if (isGuid(continuation)) return continuation.toLowerCase();
	throw refusedSkipToken();
}

function registerCount(operation: Operation, relation: Relation): HttpHandler {
	return registerOperation(operation, async (request) => {
		const { conditions } = queryOf(request, directoryShapes[relation.kind].count);
		const { directory } = servicesFor(request);
		const count = await directory.count(request.caller.tenantId, collectionOf(relation, request), conditions);
		if (count === undefined) throw notFound(relation.of, request);
		return countBody(count);
	});
}

function registerGet(operation: Operation, kind: DirectoryKind): HttpHandler {
	return registerOperation(operation, async (request) => {
		const query = queryOf(request, directoryShapes[kind].object);
		const wanted = { id: request.params.id as string, withSchools: query.expand.has('schools') };
		const found = await servicesFor(request).directory.get(request.caller.tenantId, kind, wanted);
		if (!found) throw notFound(kind, request);
		return { jsonBody: entityBody(request, `education/${kind}/$entity`, project(found, query)) };
	});
}

function notFound(kind: DirectoryKind | undefined, { params }: ApiRequest): SyncApiError {
	return new SyncApiError('ResourceNotFound', `There is nothing with the id "${params.id}" in ${kind}.`);
}

export const listSchools = registerList(operations.listSchools, { kind: 'schools' });
export const countSchools = registerCount(operations.countSchools, { kind: 'schools' });
export const getSchool = registerGet(operations.getSchool, 'schools');
export const listSchoolClasses = registerList(operations.listSchoolClasses, { kind: 'classes', of: 'schools' });
export const countSchoolClasses = registerCount(operations.countSchoolClasses, { kind: 'classes', of: 'schools' });
export const listSchoolUsers = registerList(operations.listSchoolUsers, { kind: 'users', of: 'schools' });
export const countSchoolUsers = registerCount(operations.countSchoolUsers, { kind: 'users', of: 'schools' });
export const listClasses = registerList(operations.listClasses, { kind: 'classes' });
export const countClasses = registerCount(operations.countClasses, { kind: 'classes' });
export const getClass = registerGet(operations.getClass, 'classes');
export const listClassSchools = registerList(operations.listClassSchools, { kind: 'schools', of: 'classes' });
export const countClassSchools = registerCount(operations.countClassSchools, { kind: 'schools', of: 'classes' });
export const listClassMembers = registerList(operations.listClassMembers, {
	kind: 'users',
	of: 'classes',
	as: 'member',
});
export const countClassMembers = registerCount(operations.countClassMembers, {
	kind: 'users',
	of: 'classes',
	as: 'member',
});
export const listClassTeachers = registerList(operations.listClassTeachers, {
	kind: 'users',
	of: 'classes',
	as: 'teacher',
});
export const countClassTeachers = registerCount(operations.countClassTeachers, {
	kind: 'users',
	of: 'classes',
	as: 'teacher',
});
export const listUsers = registerList(operations.listUsers, { kind: 'users' });
export const countUsers = registerCount(operations.countUsers, { kind: 'users' });
export const getUser = registerGet(operations.getUser, 'users');
export const listUserSchools = registerList(operations.listUserSchools, { kind: 'schools', of: 'users' });
export const countUserSchools = registerCount(operations.countUserSchools, { kind: 'schools', of: 'users' });
export const listUserClasses = registerList(operations.listUserClasses, { kind: 'classes', of: 'users', as: 'member' });
export const countUserClasses = registerCount(operations.countUserClasses, {
	kind: 'classes',
	of: 'users',
	as: 'member',
});
export const listUserTaughtClasses = registerList(operations.listUserTaughtClasses, {
	kind: 'classes',
	of: 'users',
	as: 'teacher',
});
export const countUserTaughtClasses = registerCount(operations.countUserTaughtClasses, {
	kind: 'classes',
	of: 'users',
	as: 'teacher',
});
