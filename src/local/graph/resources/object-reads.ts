import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { type DirectoryObject, type ObjectKind, type Properties, valueAt } from '../model/directory-object.ts';
import type { ResourceTypeName } from '../model/resource-types.ts';
import { candidates, matches } from '../odata/filter-match.ts';
import { pageAnswer } from '../odata/pages.ts';
import { type Query, readQuery } from '../odata/query.ts';
import { viewOf } from '../odata/view.ts';
import { hasPermission, isOfType, kindOf, objectOf, type ResourceContext, typeOf } from './resource-context.ts';

export function showObject(context: ResourceContext, typeName: ResourceTypeName, object: DirectoryObject): GraphAnswer {
	const { select } = readQuery({ query: context.request.query, headers: context.request.headers }, typeOf(typeName));
	const shown = viewOf(object, typeOf(typeName), select);
	return { status: 200, headers: {}, body: { '@odata.context': contextUrl(context, typeName), ...shown } };
}

export function getObject(typeName: ResourceTypeName) {
	return (context: ResourceContext) => showObject(context, typeName, objectOf(context, typeName));
}

export function contextUrl({ baseUrl }: ResourceContext, typeName: ResourceTypeName): string {
	return `${baseUrl}/$metadata#${typeName}/$entity`;
}

/** All objects of the type. */
export function listObjects(typeName: ResourceTypeName) {
	return (context: ResourceContext): GraphAnswer => {
		const { directory } = context;
		const query = readQuery(context.request, typeOf(typeName));
		const kind = kindOf(typeName);
		const found = query.filter && candidates(query.filter, directory, kind);
		const from = (sequence: number) => (found ? inOrder(found) : directory.list(kind, sequence));
		const meeting = (sequence: number) => chosen(context, { typeName, query, objects: from(sequence) });
		return page(context, { query, objects: meeting, show: (object) => viewOf(object, typeOf(typeName), query.select) });
	};
}

interface Collection {
	query: Query;
	objects(afterSequence: number): Iterable<DirectoryObject>;
	show(object: DirectoryObject): Properties;
}

function page(context: ResourceContext, { query, objects, show }: Collection): GraphAnswer {
	return pageAnswer({
		request: context.request,
		baseUrl: context.baseUrl,
		query,
		objects: objects(query.afterSequence),
		show,
		count: () => [...objects(0)].length,
	});
}

interface Choice {
	typeName: ResourceTypeName;
	query: Query;
	objects: Iterable<DirectoryObject>;
}

function* chosen({ replica }: ResourceContext, { typeName, query, objects }: Choice): Iterable<DirectoryObject> {
	const isThere = query.isEventual ? replica.isIndexed : replica.isVisible;
	for (const object of objects) {
		const isChosen = isOfType(object, typeName) && isThere(object);
		if (isChosen && (!query.filter || matches(query.filter, object))) yield object;
	}
}

function inOrder(objects: readonly DirectoryObject[]): DirectoryObject[] {
	return objects.toSorted((left, right) => left.sequence - right.sequence);
}

/** The objects of the type among those given, such as the teachers of a class. */
export function listRelated(
	context: ResourceContext,
	typeName: ResourceTypeName,
	related: readonly DirectoryObject[],
): GraphAnswer {
	const query = readQuery(context.request, typeOf(typeName));
	const objects = () => chosen(context, { typeName, query, objects: inOrder(related) });
	return page(context, { query, objects, show: (object) => viewOf(object, typeOf(typeName), query.select) });
}

/** Objects of any kind, each with its type. Options are those of users. */
export function listDirectoryObjects(context: ResourceContext, related: readonly DirectoryObject[]): GraphAnswer {
	const query = readQuery(context.request, typeOf('user'));
	const { filter } = query;
	const isChosen = (object: DirectoryObject) =>
		context.replica.isVisible(object) && (!filter || matches(filter, object));
	const objects = () => inOrder(related).filter(isChosen);
	return page(context, { query, objects, show: (object) => typedView(object, query.select) });
}

const kindTypes: Record<ObjectKind, ResourceTypeName> = {
	user: 'user',
	group: 'group',
	administrativeUnit: 'administrativeUnit',
};

export function typedView(object: DirectoryObject, select?: readonly string[]): Properties {
	const typeName = kindTypes[object.kind];
	return { '@odata.type': `#microsoft.graph.${typeName}`, ...viewOf(object, typeOf(typeName), select) };
}

/** Throws if the members of the group are hidden and the caller may not see hidden ones. */
export function checkMembersShown(context: ResourceContext, group: DirectoryObject): void {
	if (isHidden(group) && !hasPermission(context, 'Member.Read.Hidden')) throw graphErrors.denied();
}

export function isHidden(group: DirectoryObject): boolean {
	return valueAt(group, 'visibility') === 'HiddenMembership';
}
