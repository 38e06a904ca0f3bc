import { faultOf, GraphUnavailableError } from '../client/graph-errors.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import { type GraphScope, isRecent as isRecentlyWritten } from '../graph-scope.ts';
import type { Anchor, AnchoredRecord } from './graph-anchors.ts';
import { anchorProperty, externalIdOf, filterOf, type GraphObject, objectKinds, objectPath } from './object-kinds.ts';

/** What the directory has for a record. */
export type Found =
	| { state: 'found'; object: GraphObject; isRecent: boolean }
	| { state: 'several'; count: number }
	| { state: 'none' };

const none: Found = { state: 'none' };

/** A record with what is remembered of it. */
export interface Sought {
	record: AnchoredRecord;
	anchor: Anchor;
}

/**
 * The object of each record: the one that is remembered, or else whoever has its SIS id, or else whoever School Data Sync once marked as
 * it. What was deleted a short time ago, and can be had back, is had back.
 */
export async function findObjects(scope: GraphScope, sought: readonly Sought[]): Promise<Found[]> {
	const found: Found[] = sought.map(() => none);
	await fill(
		found,
		sought,
		(some) => byId(scope, some),
		({ anchor }) => anchor.objectId !== undefined,
	);
	await fill(
		found,
		sought,
		(some) => restored(scope, some),
		({ anchor }) => anchor.objectId !== undefined,
	);
	await fill(
		found,
		sought,
		(some) => bySisId(scope, some),
		() => true,
	);
	await fill(
		found,
		sought,
		(some) => byMark(scope, some),
		({ anchor }) => anchor.otherId === undefined,
	);
	return found;
}

async function fill(
	found: Found[],
	sought: readonly Sought[],
	look: (some: readonly Sought[]) => Promise<readonly Found[]>,
	isFor: (one: Sought) => boolean,
): Promise<void> {
	const places = [...sought.keys()].filter((at) => found[at]?.state === 'none' && isFor(sought[at] as Sought));
	if (places.length === 0) return;
	const looked = await look(places.map((at) => sought[at] as Sought));
	for (const [index, at] of places.entries()) found[at] = looked[index] as Found;
}

async function byId(scope: GraphScope, sought: readonly Sought[]): Promise<Found[]> {
	const isRecent = sought.map(({ anchor }) => isRecentlyWritten(scope, anchor.writtenAt));
	const requests = sought.map(({ record: { kind }, anchor }, at): GraphRequest => {
		const path = `${objectPath(kind, anchor.objectId as string)}?$select=${objectKinds[kind].select.join()}`;
		return { method: 'GET', path, ...(isRecent[at] ? { isNew: true } : {}) };
	});
	const answers = await scope.client.send(scope.call, requests);
	return answers.map((answer, at) => {
		if (answer.status === 404) return none;
		requireOk(answer, requests[at] as GraphRequest);
		return { state: 'found', object: answer.body as GraphObject, isRecent: isRecent[at] === true };
	});
}

/** Users and classes that were deleted can be had back for thirty days. */
async function restored(scope: GraphScope, sought: readonly Sought[]): Promise<Found[]> {
	const what = 'restore';
	const places = [...sought.keys()].filter(
		(at) => sought[at]?.record.kind !== 'school' && scope.facts.isAllowed(scope.tenantId, what),
	);
	const requests = places.map((at): GraphRequest => {
		const id = encodeURIComponent(sought[at]?.anchor.objectId ?? '');
		return { method: 'POST', path: `/directory/deletedItems/${id}/restore` };
	});
	const answers = await scope.client.send(scope.call, requests);
	const isBack = new Set(places.filter((_, index) => isOk(answers[index] as GraphAnswer)));
	if (answers.some(({ status }) => status === 403)) scope.facts.refuse(scope.tenantId, what);
	const back = [...isBack].map((at) => sought[at] as Sought);
	const objects = await byId(
		scope,
		back.map(({ record, anchor }) => ({ record, anchor: { ...anchor, writtenAt: scope.clock.now() } })),
	);
	const found: Found[] = sought.map(() => none);
	for (const [index, at] of [...isBack].entries()) found[at] = objects[index] as Found;
	return found;
}

export async function bySisId(scope: GraphScope, sought: readonly Sought[]): Promise<Found[]> {
	const requests = sought.map(({ record: { kind, externalId } }): GraphRequest => {
		const { path, idProperty, select } = objectKinds[kind];
		return { method: 'GET', path: `${path}?$filter=${filterOf(idProperty, externalId)}&$select=${select.join()}` };
	});
	const lists = await scope.client.lists(scope.call, requests);
	return lists.map((list, at) => {
		const { record, anchor } = sought[at] as Sought;
		// Graph compares in any case, and SIS ids are what they are.
		const objects = ((list ?? []) as GraphObject[]).filter(
			(object) => externalIdOf(record.kind, object) === record.externalId && object.id !== anchor.otherId,
		);
		return theOne(objects, record);
	});
}

/** Of several that have the SIS id, the one that the source itself wrote. */
function theOne(objects: readonly GraphObject[], { source }: AnchoredRecord): Found {
	const own = objects.filter(({ externalSourceDetail }) => externalSourceDetail === source);
	const [object, ...others] = own.length > 0 ? own : objects;
	if (!object) return none;
	return others.length > 0
		? { state: 'several', count: others.length + 1 }
		: { state: 'found', object, isRecent: true };
}

/** By what School Data Sync left. A tenant that never had it does not know the property; an app may not look there. */
async function byMark(scope: GraphScope, sought: readonly Sought[]): Promise<Found[]> {
	const asked = sought.filter((one) => scope.facts.isAllowed(scope.tenantId, markOf(one)));
	const requests = asked.map(({ record: { kind, externalId } }): GraphRequest => {
		const { plainPath, anchors } = objectKinds[kind];
		const clauses = anchors.map((prefix) => filterOf(anchorProperty, prefix + externalId));
		return { method: 'GET', path: `${plainPath}?$filter=${clauses.join(encodeURIComponent(' or '))}&$select=id` };
	});
	const answers = await scope.client.send(scope.call, requests);
	const marked = new Map(
		asked.map((one, at) => {
			const answer = answers[at] as GraphAnswer;
			if (isUnknown(answer)) scope.facts.refuse(scope.tenantId, markOf(one));
			// Whoever is not looked for must not be made anew.
			else requireOk(answer, requests[at] as GraphRequest);
			return [one, markedIds(answer)];
		}),
	);
	const found = sought.map((one): Found => {
		const count = marked.get(one)?.length ?? 0;
		return count > 1 ? { state: 'several', count } : none;
	});
	const places = [...sought.keys()].filter((at) => marked.get(sought[at] as Sought)?.length === 1);
	const objects = await byId(
		scope,
		places.map((at) => {
			const one = sought[at] as Sought;
			return { record: one.record, anchor: { ...one.anchor, objectId: marked.get(one)?.[0] as string } };
		}),
	);
	for (const [index, at] of places.entries()) found[at] = objects[index] as Found;
	return found;
}

const markOf = ({ record: { kind } }: Sought) => `marks of ${objectKinds[kind].plainPath}`;

/** The app may not look there, or nobody has ever had a mark. */
function isUnknown(answer: GraphAnswer): boolean {
	if (answer.status !== 400) return answer.status === 403;
	const { code, message } = faultOf(answer);
	return code === 'Request_UnsupportedQuery' || message.includes(anchorProperty);
}

function markedIds({ status, body }: GraphAnswer): string[] {
	const { value } = (status === 200 ? body : {}) as { value?: { id: string }[] };
	return (value ?? []).map(({ id }) => id);
}

function requireOk(answer: GraphAnswer, request: GraphRequest): void {
	if (!isOk(answer)) throw new GraphUnavailableError(request, `was answered with status ${answer.status}`);
}
