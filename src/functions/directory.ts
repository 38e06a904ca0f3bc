import type { HttpHandler } from '@azure/functions';
import { SyncApiError } from '../domain/errors.ts';
import { collectionBody, entityBody } from '../http/odata-bodies.ts';
import { type Operation, operations } from '../http/operations.ts';
import { pageRequestOf, wantsCount } from '../http/paging.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

/** The embedded directory, to look at: it answers in the shape of Graph's education resources. */

type Kind = 'schools' | 'classes' | 'users';

const asItIs = (item: Record<string, unknown>) => item;

function registerList(operation: Operation, kind: Kind): HttpHandler {
	return registerOperation(operation, async (request) => {
		const { directory } = servicesFor(request.context);
		const { tenantId } = request.caller;
		const page = await directory.list(tenantId, kind, pageRequestOf(request.url.searchParams));
		const count = wantsCount(request.url.searchParams) ? await directory.count(tenantId, kind) : undefined;
		return { jsonBody: collectionBody(request, { type: `education/${kind}`, page, count, toJson: asItIs }) };
	});
}

function registerGet(operation: Operation, kind: Kind): HttpHandler {
	return registerOperation(operation, async (request) => {
		const id = request.params.id as string;
		const found = await servicesFor(request.context).directory.get(request.caller.tenantId, kind, id);
		if (!found) throw notFound(kind, id);
		return { jsonBody: entityBody(request, `education/${kind}/$entity`, found) };
	});
}

function registerMembers(operation: Operation, role: 'members' | 'teachers'): HttpHandler {
	return registerOperation(operation, async (request) => {
		const id = request.params.id as string;
		const query = request.url.searchParams;
		const members = await servicesFor(request.context).directory.listMembers(request.caller.tenantId, id, {
			role,
			page: pageRequestOf(query),
			idsOnly: query.get('$select') === 'id',
		});
		if (!members) throw notFound('classes', id);
		return { jsonBody: collectionBody(request, { type: 'education/users', page: members, toJson: asItIs }) };
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
