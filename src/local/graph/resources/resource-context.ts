import { graphErrors } from '../graph-errors.ts';
import type { GraphAnswer, GraphRequest } from '../graph-request.ts';
import type { Replica } from '../limits/replicas.ts';
import type { Directory } from '../model/directory.ts';
import type { Change, DirectoryObject, ObjectKind, Properties } from '../model/directory-object.ts';
import { type ResourceTypeName, resourceTypes } from '../model/resource-types.ts';
import { isEducation } from '../model/sds-attributes.ts';

export interface Sku {
	skuId: string;
	skuPartNumber: string;
	/** Seats that were bought. */
	enabled: number;
}

/** What a tenant has besides its directory. */
export interface TenantSettings {
	displayName: string;
	countryLetterCode: string;
	/** The first one is the default. */
	verifiedDomains: readonly string[];
	skus: readonly Sku[];
	/** Most objects; deleted ones count one quarter. */
	objectQuota: number;
	/** Whether PATCH of an administrative unit takes `members@odata.bind`; the documentation leaves it open. */
	packsAdministrativeUnits: boolean;
}

export interface ResourceContext {
	request: GraphRequest;
	/** Of the path. */
	params: Readonly<Record<string, string>>;
	directory: Directory;
	settings: TenantSettings;
	baseUrl: string;
	nowMs: number;
	/** The one that answers. */
	replica: Replica;
	commit(change: Change): void;
}

export interface Route {
	method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
	/** `/groups/{id}/members` */
	path: string;
	/** Application permissions: one of each list. */
	needs: readonly (readonly string[])[];
	/** Resource units of a read, 1 if absent. */
	readUnits?: number;
	/** A POST that changes nothing. */
	isRead?: true;
	handle(context: ResourceContext): GraphAnswer;
}

const kinds: Record<ResourceTypeName, ObjectKind> = {
	user: 'user',
	group: 'group',
	administrativeUnit: 'administrativeUnit',
	educationUser: 'user',
	educationClass: 'group',
	educationSchool: 'administrativeUnit',
};

export function kindOf(typeName: ResourceTypeName): ObjectKind {
	return kinds[typeName];
}

export function isOfType(object: DirectoryObject, typeName: ResourceTypeName): boolean {
	if (object.kind !== kinds[typeName]) return false;
	return !typeName.startsWith('education') || isEducation(object);
}

/** The object of the type, found by id or sign-in name; 404 where there is none, or not yet on this replica. */
export function objectOf(
	context: ResourceContext,
	typeName: ResourceTypeName,
	id: string = context.params.id ?? '',
): DirectoryObject {
	const { directory } = context;
	const object = directory.find(id.toLowerCase()) ?? namedUser(directory, typeName, id);
	if (!object || !isOfType(object, typeName) || !context.replica.isVisible(object)) throw graphErrors.notFound(id);
	return object;
}

function namedUser(directory: Directory, typeName: ResourceTypeName, name: string): DirectoryObject | undefined {
	return kinds[typeName] === 'user' ? directory.having('user', 'userPrincipalName', name)[0] : undefined;
}

/** The body as an object with properties; what OData itself puts there is left out, but for bindings. */
export function bodyOf({ request: { body } }: ResourceContext): Properties {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) {
		throw graphErrors.badRequest('The body must be a JSON object, and have the content type application/json.');
	}
	return Object.fromEntries(
		Object.entries(body).filter(([name]) => name !== '@odata.type' && name !== '@odata.context'),
	);
}

export function hasPermission({ request }: ResourceContext, permission: string): boolean {
	return request.caller.permissions.has(permission);
}

export function typeOf(typeName: ResourceTypeName) {
	return resourceTypes[typeName];
}

export const noContent: GraphAnswer = { status: 204, headers: {} };
