import type { ObjectDescription, RekeyedObject } from '../../../../domain/directory.ts';
import { GraphUnavailableError } from '../client/graph-errors.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import type { GraphScope } from '../graph-scope.ts';
import {
	externalIdOf,
	type GraphObject,
	isUserKind,
	type ObjectKind,
	objectKinds,
	objectPath,
} from './object-kinds.ts';

export async function describeObjects(
	{ client, call }: GraphScope,
	{ kind, ids }: { kind: ObjectKind; ids: readonly string[] },
): Promise<(ObjectDescription | undefined)[]> {
	const { select } = objectKinds[kind];
	const answers = await client.send(
		call,
		ids.map((id): GraphRequest => ({ method: 'GET', path: `${objectPath(kind, id)}?$select=${select.join()}` })),
	);
	const schools =
		kind === 'section'
			? await client.lists(
					call,
					ids.map((id): GraphRequest => ({ method: 'GET', path: `${objectPath(kind, id)}/schools?$select=id` })),
				)
			: [];
	return answers.map(({ status, body }, at) => {
		if (status !== 200) return undefined;
		const schoolId = (schools[at]?.[0] as { id: string } | undefined)?.id;
		const object = body as GraphObject;
		return { name: nameOf(kind, object), ...(schoolId === undefined ? {} : { schoolId }), ...sourceOf(kind, object) };
	});
}

function sourceOf(kind: ObjectKind, object: GraphObject) {
	const [externalId, { externalSourceDetail }] = [externalIdOf(kind, object), object];
	const source = typeof externalSourceDetail === 'string' ? { externalSourceDetail } : {};
	return externalId === '' ? source : { externalId, ...source };
}

function nameOf(kind: ObjectKind, { givenName, surname, externalName, displayName }: GraphObject): string {
	if (isUserKind(kind)) return [givenName, surname].filter((part) => typeof part === 'string').join(' ');
	return String(externalName ?? displayName ?? '');
}

/** The new ids lead to the objects before these say that they have them. An object that is not there any more has none. */
export async function rekeyObjects(
	scope: GraphScope,
	{ source, objects }: { source: string; objects: readonly RekeyedObject[] },
): Promise<void> {
	if (objects.length === 0) return;
	const { client, call, anchors, tenantId } = scope;
	const present = await client.send(
		call,
		objects.map(({ kind, id }): GraphRequest => {
			return { method: 'GET', path: `${objectPath(kind, id)}?$select=${objectKinds[kind].select.join()}` };
		}),
	);
	await anchors.move(tenantId, source, objects);
	const there = objects.flatMap((object, at) =>
		present[at]?.status === 200 ? [{ object, shown: present[at].body as GraphObject }] : [],
	);
	const requests = there.map(({ object: { kind, id, to: externalId }, shown }): GraphRequest => {
		const body = isUserKind(kind) ? { [kind]: { ...(shown[kind] as object | null), externalId } } : { externalId };
		return { method: 'PATCH', path: objectPath(kind, id), body };
	});
	const answers = await client.send(call, requests);
	for (const [at, answer] of answers.entries()) requireDone(answer, requests[at] as GraphRequest);
}

function requireDone(answer: GraphAnswer, request: GraphRequest): void {
	if (!isOk(answer) && answer.status !== 404)
		throw new GraphUnavailableError(request, `was answered with status ${answer.status}`);
}
