import type { Organization } from '@microsoft/microsoft-graph-types';
import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { type DirectoryObject, isWithinReach, type ObjectKind } from '../model/directory-object.ts';
import { matches } from '../odata/filter-match.ts';
import { pageAnswer } from '../odata/pages.ts';
import { readQuery } from '../odata/query.ts';
import { viewOf } from '../odata/view.ts';
import { typedView } from './object-reads.ts';
import { readGroups, readOrganization, readUsers, writeGroups, writeUsers } from './permissions.ts';
import { bodyOf, noContent, type ResourceContext, type Route, typeOf } from './resource-context.ts';

const deletedPath = '/directory/deletedItems';

export const tenantRoutes: readonly Route[] = [
	{ method: 'GET', path: '/organization', needs: [readOrganization], handle: listOrganization },
	{
		method: 'GET',
		path: `${deletedPath}/microsoft.graph.user`,
		needs: [readUsers],
		handle: (context) => listDeleted(context, 'user'),
	},
	{
		method: 'GET',
		path: `${deletedPath}/microsoft.graph.group`,
		needs: [readGroups],
		handle: (context) => listDeleted(context, 'group'),
	},
	{ method: 'POST', path: `${deletedPath}/{id}/restore`, needs: [[...writeUsers, ...writeGroups]], handle: restore },
	{ method: 'DELETE', path: `${deletedPath}/{id}`, needs: [[...writeUsers, ...writeGroups]], handle: purge },
	{
		method: 'POST',
		path: '/directoryObjects/getByIds',
		needs: [[...readUsers, ...readGroups]],
		readUnits: 3,
		isRead: true,
		handle: getByIds,
	},
];

function listOrganization({ settings, request, baseUrl }: ResourceContext): GraphAnswer {
	const organization: Organization = {
		id: request.caller.tenantId,
		displayName: settings.displayName,
		countryLetterCode: settings.countryLetterCode,
		verifiedDomains: settings.verifiedDomains.map((name, at) => ({
			name,
			capabilities: 'Email',
			isDefault: at === 0,
			isInitial: name.endsWith('.onmicrosoft.com'),
			type: 'Managed',
		})),
	};
	return {
		status: 200,
		headers: {},
		body: { '@odata.context': `${baseUrl}/$metadata#organization`, value: [organization] },
	};
}

function listDeleted(context: ResourceContext, kind: Extract<ObjectKind, 'user' | 'group'>): GraphAnswer {
	const type = typeOf(kind);
	const query = readQuery(context.request, type);
	const objects = context.directory
		.listDeleted(kind)
		.filter((object) => isWithinReach(object, context.nowMs) && (!query.filter || matches(query.filter, object)));
	return pageAnswer({
		request: context.request,
		baseUrl: context.baseUrl,
		query,
		objects,
		show: (object) => viewOf(object, type, query.select),
		count: () => objects.length,
	});
}

function deletedObject(context: ResourceContext): DirectoryObject {
	const id = context.params.id?.toLowerCase() ?? '';
	const object = context.directory.findDeleted(id);
	if (!object || !isWithinReach(object, context.nowMs)) throw graphErrors.notFound(id);
	const needed = object.kind === 'user' ? writeUsers : writeGroups;
	if (!needed.some((permission) => context.request.caller.permissions.has(permission))) throw graphErrors.denied();
	return object;
}

function restore(context: ResourceContext): GraphAnswer {
	const object = deletedObject(context);
	context.commit({ type: 'restore', id: object.id });
	return { status: 200, headers: {}, body: typedView(object) };
}

function purge(context: ResourceContext): GraphAnswer {
	context.commit({ type: 'purge', id: deletedObject(context).id });
	return noContent;
}

const maxIds = 1000;

function getByIds(context: ResourceContext): GraphAnswer {
	const { ids } = bodyOf(context);
	if (!Array.isArray(ids) || ids.length > maxIds) {
		throw graphErrors.badRequest(`The body must have a list "ids" of at most ${maxIds} ids.`);
	}
	const found = ids.map((id) => context.directory.find(String(id).toLowerCase()));
	const shown = found.filter(
		(object) => object !== undefined && context.replica.isVisible(object),
	) as DirectoryObject[];
	return { status: 200, headers: {}, body: { value: shown.map((object) => typedView(object)) } };
}
