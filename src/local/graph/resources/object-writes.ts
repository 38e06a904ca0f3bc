import { randomUUID } from 'node:crypto';
import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer } from '../graph-request.ts';
import { type DirectoryObject, isWithinReach, type Properties } from '../model/directory-object.ts';
import { checkedChange, checkNew } from '../model/property-rules.ts';
import type { ResourceTypeName } from '../model/resource-types.ts';
import { withEducationFace } from '../model/sds-attributes.ts';
import { viewOf } from '../odata/view.ts';
import { contextUrl } from './object-reads.ts';
import { kindOf, noContent, objectOf, type ResourceContext, typeOf } from './resource-context.ts';

/** A new object of the type from checked properties; the answer of its creation shows it. */
export function createObject(
	context: ResourceContext,
	typeName: ResourceTypeName,
	properties: Properties,
): { object: DirectoryObject; answer: GraphAnswer } {
	checkQuota(context);
	const kind = kindOf(typeName);
	const id = randomUUID();
	context.commit({
		type: 'create',
		id,
		kind,
		at: context.nowMs,
		properties: withEducationFace(kind, {}, properties),
	});
	const object = context.directory.find(id) as DirectoryObject;
	const shown = viewOf(object, typeOf(typeName));
	const headers = { Location: `${context.baseUrl}/directoryObjects/${id}/Microsoft.DirectoryServices` };
	return {
		object,
		answer: { status: 201, headers, body: { '@odata.context': contextUrl(context, typeName), ...shown } },
	};
}

function checkQuota({ directory, settings }: ResourceContext): void {
	const { live, deleted } = directory.size();
	if (live + deleted / 4 >= settings.objectQuota) throw graphErrors.quotaExceeded();
}

export function checkNewProperties(typeName: ResourceTypeName, properties: Properties): void {
	checkNew(typeOf(typeName), properties);
}

/** Checks and carries out a change of properties. */
export function changeObject(
	context: ResourceContext,
	{ object, typeName }: { object: DirectoryObject; typeName: ResourceTypeName },
	change: Properties,
): void {
	const properties = checkedChange(typeOf(typeName), object.properties, change);
	context.commit({
		type: 'update',
		id: object.id,
		properties: withEducationFace(object.kind, object.properties, properties),
	});
}

/** Throws if another object of the kind has the value, or had it and can still be restored. */
export function checkUnique(
	{ directory, nowMs }: ResourceContext,
	{ kind, property, value }: { kind: 'user' | 'group'; property: string; value: unknown },
	self?: DirectoryObject,
): void {
	if (typeof value !== 'string') return;
	const holders = directory.holdersOfName(kind, property, value);
	if (holders.some((object) => object !== self && isWithinReach(object, nowMs))) throw graphErrors.conflict(property);
}

export function deleteObject(typeName: ResourceTypeName) {
	return (context: ResourceContext): GraphAnswer => {
		context.commit({ type: 'delete', id: objectOf(context, typeName).id, at: context.nowMs });
		return noContent;
	};
}
