import type { HttpHandler } from '@azure/functions';
import { SyncApiError } from '../domain/errors.ts';
import { project } from '../http/odata/projection.ts';
import { type ODataQuery, readQuery } from '../http/odata/query-options.ts';
import { collectionBody, entityBody } from '../http/odata-bodies.ts';
import { type Operation, operations } from '../http/operations.ts';
import { queryShapes } from '../http/query-shapes.ts';
import type { PageRequest } from '../ports.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

/** The embedded directory, to look at: it answers in the shape of Graph's education resources. */

type Kind = 'schools' | 'classes' | 'users';

const defaultPageSize = 100;

function pageOf({ top = defaultPageSize, continuation }: ODataQuery): PageRequest {
	return { size: top, ...(continuation ? { continuation } : {}) };
}

function registerList(operation: Operation, kind: Kind): HttpHandler {
	return registerOperation(operation, async (request) => {
		const { directory } = servicesFor(request.context);
		const { tenantId } = request.caller;
		const query = readQuery(request.url.searchParams, queryShapes.directory);
		const { items, continuation } = await directory.list(tenantId, kind, pageOf(query));
		const count = query.wantsCount ? await directory.count(tenantId, kind) : undefined;
		const selected = items.map((item) => project(item, query));
		return { jsonBody: collectionBody(request, `education/${kind}`, { items: selected, count, continuation }) };
	});
}

function registerGet(operation: Operation, kind: Kind): HttpHandler {
	return registerOperation(operation, async (request) => {
		const id = request.params.id as string;
		const found = await servicesFor(request.context).directory.get(request.caller.tenantId, kind, id);
		if (!found) throw notFound(kind, id);
		const query = readQuery(request.url.searchParams, queryShapes.directoryObject);
		return { jsonBody: entityBody(request, `education/${kind}/$entity`, project(found, query)) };
	});
}

function registerMembers(operation: Operation, role: 'members' | 'teachers'): HttpHandler {
	return registerOperation(operation, async (request) => {
		const id = request.params.id as string;
		const query = readQuery(request.url.searchParams, queryShapes.directory);
		const members = await servicesFor(request.context).directory.listMembers(request.caller.tenantId, id, {
			role,
			page: pageOf(query),
			idsOnly: query.select !== undefined && [...query.select].join() === 'id',
		});
		if (!members) throw notFound('classes', id);
		const items = members.items.map((item) => project(item, query));
		const count = query.wantsCount ? members.total : undefined;
		return { jsonBody: collectionBody(request, 'education/users', { ...members, items, count }) };
	});
}

function notFound(kind: Kind, id: string): SyncApiError {
	return new SyncApiError('ResourceNotFound', `There is nothing with the id "${id}" in ${kind}.`);
}

export const listSchools = registerList(operations.listSchools, 'schools');
export const getSchool = registerGet(operations.getSchool, 'schools');
export const listClasses = registerList(operations.listClasses, 'classes');
export const getClass = registerGet(operations.getClass, 'classes');
export const listUsers = registerList(operations.listUsers, 'users');
export const getUser = registerGet(operations.getUser, 'users');
export const listClassMembers = registerMembers(operations.listClassMembers, 'members');
export const listClassTeachers = registerMembers(operations.listClassTeachers, 'teachers');
