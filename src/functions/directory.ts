import { SyncApiError } from '../domain/errors.ts';
import type { ApiHandler } from '../http/endpoint.ts';
import { type Operation, operations } from '../http/operations.ts';
import { collectionBody, pageRequestOf } from '../http/paging.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

/** The embedded directory, to look at: it answers in the shape of Graph's education resources. */

type Kind = 'schools' | 'classes' | 'users';

function registerKind(kind: Kind, { list, get }: { list: Operation; get: Operation }): void {
	registerOperation(list, async (request) => {
		const { directory } = servicesFor(request.context);
		const page = await directory.list(request.caller.tenantId, kind, pageRequestOf(request.url.searchParams));
		const context = `education/${kind}`;
		const isCounted = request.url.searchParams.get('$count') === 'true';
		const count = isCounted ? { count: await directory.count(request.caller.tenantId, kind) } : {};
		return { jsonBody: collectionBody(page, { url: request.url, context, toJson: (item) => item, ...count }) };
	});
	registerOperation(get, async (request) => {
		const id = request.params.id as string;
		const found = await servicesFor(request.context).directory.get(request.caller.tenantId, kind, id);
		if (!found) throw notFound(kind, id);
		return {
			jsonBody: { '@odata.context': `${request.url.origin}/beta/$metadata#education/${kind}/$entity`, ...found },
		};
	});
}

function membersOf(role: 'members' | 'teachers'): ApiHandler {
	return async (request) => {
		const id = request.params.id as string;
		const page = await servicesFor(request.context).directory.listMembers(request.caller.tenantId, id, {
			role,
			page: pageRequestOf(request.url.searchParams),
		});
		if (!page) throw notFound('classes', id);
		return { jsonBody: collectionBody(page, { url: request.url, context: 'education/users', toJson: (user) => user }) };
	};
}

function notFound(kind: Kind, id: string): SyncApiError {
	return new SyncApiError('ResourceNotFound', `There is nothing with the id "${id}" in ${kind}.`);
}

registerKind('schools', { list: operations.listSchools, get: operations.getSchool });
registerKind('classes', { list: operations.listClasses, get: operations.getClass });
registerKind('users', { list: operations.listUsers, get: operations.getUser });
registerOperation(operations.listClassMembers, membersOf('members'));
registerOperation(operations.listClassTeachers, membersOf('teachers'));
