import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import {
	type DirectoryObject,
	isUnified,
	type ObjectKind,
	type Properties,
	type Relation,
} from '../model/directory-object.ts';
import { bodyOf, noContent, type ResourceContext } from './resource-context.ts';

/** Graph's limits for links. */
const maxLinksPerRequest = 20;
const maxOwners = 100;
const maxAdministrativeUnits = 30;

export interface LinkTarget {
	holder: DirectoryObject;
	relation: Relation;
	/** Other objects count as not there. */
	accepts?(object: DirectoryObject): boolean;
}

/** POST …/$ref: adds the one object that the body names. */
export function addReference(context: ResourceContext, target: LinkTarget): GraphAnswer {
	const body = bodyOf(context);
	if ('members@odata.bind' in body || 'owners@odata.bind' in body) {
		throw graphErrors.badRequest('The bind operation is not supported on the targeted entity set.');
	}
	addLinks(context, target, [readReference(body['@odata.id'])]);
	return noContent;
}

/** DELETE …/{linkedId}/$ref. */
export function removeReference(context: ResourceContext, { holder, relation }: LinkTarget): GraphAnswer {
	const id = context.params.linkedId?.toLowerCase() ?? '';
	if (!context.directory.hasLink(holder, relation, id)) throw graphErrors.notFound(id);
	if (relation === 'owners' && context.directory.linked(holder, 'owners').length === 1) {
		throw graphErrors.badRequest('The group must have at least one owner, hence this owner cannot be removed.');
	}
	context.commit({ type: 'unlink', id: holder.id, relation, ids: [id] });
	return noContent;
}

export interface BoundLinks {
	members: readonly string[];
	owners: readonly string[];
	/** The body without them. */
	rest: Properties;
}

/** The links of `members@odata.bind` and `owners@odata.bind`; throws if there are too many of them together. */
export function readBoundLinks(body: Properties): BoundLinks {
	const { 'members@odata.bind': members, 'owners@odata.bind': owners, ...rest } = body;
	const links = { members: readReferences(members), owners: readReferences(owners), rest };
	if (links.members.length + links.owners.length > maxLinksPerRequest) {
		throw graphErrors.tooManyLinks(maxLinksPerRequest);
	}
	return links;
}

function readReferences(value: unknown): string[] {
	if (value === undefined) return [];
	if (!Array.isArray(value)) throw graphErrors.badRequest('A bind must be a list of references.');
	return value.map(readReference);
}

const referencePattern =
	/\/(?:v1\.0|beta)\/(?:directoryObjects|users|groups|education\/(?:users|classes|schools))(?:\/([^/]+)|\('([^/']+)'\))$/;

function readReference(reference: unknown): string {
	const match = typeof reference === 'string' ? referencePattern.exec(reference) : null;
	const id = match?.[1] ?? match?.[2];
	if (id === undefined) throw graphErrors.badRequest('Invalid URL format specified in @odata.id or @odata.bind.');
	return id.toLowerCase();
}

/** Adds all of the links, or none of them and throws. */
export function addLinks(context: ResourceContext, target: LinkTarget, ids: readonly string[]): void {
	checkLinks(context, target, ids);
	context.commit({ type: 'link', id: target.holder.id, relation: target.relation, ids });
}

/** Throws unless all of the links can be added to the holder, which need not exist yet. */
export function checkLinks(
	context: ResourceContext,
	{ holder, relation, accepts = () => true }: LinkTarget,
	ids: readonly string[],
): void {
	const { directory } = context;
	for (const id of ids) {
		const object = directory.find(id);
		if (!object || !accepts(object) || !context.replica.isVisible(object)) throw graphErrors.notFound(id);
		if (!linkableKinds(holder, relation).includes(object.kind)) {
			throw graphErrors.badRequest(`An object of the type ${object.kind} cannot be one of the ${relation}.`);
		}
		if (holder.kind === 'administrativeUnit') checkUnitCount(context, id);
	}
	if (new Set(ids).size < ids.length || ids.some((id) => directory.hasLink(holder, relation, id))) {
		throw holder.kind === 'administrativeUnit'
			? graphErrors.conflictingObject()
			: graphErrors.referencesExist(relation);
	}
	if (relation === 'owners' && directory.linked(holder, 'owners').length + ids.length > maxOwners) {
		throw graphErrors.badRequest(`A group cannot have more than ${maxOwners} owners.`);
	}
}

function linkableKinds(holder: DirectoryObject, relation: Relation): readonly ObjectKind[] {
	const takesUsersOnly = relation === 'owners' || (holder.kind === 'group' && isUnified(holder.properties));
	return takesUsersOnly ? ['user'] : ['user', 'group'];
}

function checkUnitCount({ directory }: ResourceContext, id: string): void {
	if (directory.linkedFrom(id, 'members', 'administrativeUnit').length >= maxAdministrativeUnits) {
		throw graphErrors.badRequest(`An object cannot be in more than ${maxAdministrativeUnits} administrative units.`);
	}
}
