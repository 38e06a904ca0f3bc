import type { Refusal, WriteOutcome } from '../../../../domain/directory.ts';
import type { GraphAnswer, GraphRequest } from '../client/graph-request.ts';
import { isOk } from '../client/graph-request.ts';
import { refusalOf, refusedOutcome } from '../graph-outcomes.ts';
import type { GraphScope } from '../graph-scope.ts';
import { createObjects } from './create-objects.ts';
import { type Found, findObjects, type Sought } from './find-objects.ts';
import type { Anchor, AnchoredRecord } from './graph-anchors.ts';
import { type Body, changesOf, wholeBody, withoutNulls } from './object-bodies.ts';
import { type GraphObject, objectPath } from './object-kinds.ts';

/** A record and what its object is to have. */
export interface WantedObject {
	record: AnchoredRecord;
	/** Of an object that exists, or is to be made. */
	body: Body;
	/** Besides, of one that is to be made. */
	bodyOnCreate: Body;
	/** Instead, where those are taken. */
	otherBodyOnCreate?: Body;
}

/** The object as it is now, and what had to be done for that. */
export interface Written {
	state: 'written';
	object: GraphObject;
	anchor: Anchor;
	isNew: boolean;
	changed: boolean;
}

export type PutResult = Written | { state: 'refused'; refusal: Refusal; answer?: GraphAnswer };

/** One object for each record that is there twice; the last of them counts. */
export async function putDistinct<T, R>(
	items: readonly T[],
	keyOf: (item: T) => string,
	put: (distinct: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
	const last = new Map(items.map((item) => [keyOf(item), item]));
	const results = await put([...last.values()]);
	const byKey = new Map([...last.keys()].map((key, at) => [key, results[at] as R]));
	return items.map((item) => byKey.get(keyOf(item)) as R);
}

/** Makes what is missing, and writes what differs. */
export async function putObjects(scope: GraphScope, wanted: readonly WantedObject[]): Promise<PutResult[]> {
	const sought = await soughtOf(scope, wanted);
	const found = await findObjects(scope, sought);
	return writeObjects(scope, { wanted, sought, found });
}

export async function soughtOf(scope: GraphScope, wanted: readonly WantedObject[]): Promise<Sought[]> {
	const records = wanted.map(({ record }) => record);
	const anchors = await scope.anchors.find(scope.tenantId, records);
	return records.map((record, at) => ({ record, anchor: anchors[at] as Anchor }));
}

interface Writes {
	wanted: readonly WantedObject[];
	sought: readonly Sought[];
	found: readonly Found[];
}

export async function writeObjects(scope: GraphScope, { wanted, sought, found }: Writes): Promise<PutResult[]> {
	const results = new Map<number, PutResult>();
	const placesOf = (state: Found['state']) => [...found.keys()].filter((at) => found[at]?.state === state);
	for (const at of placesOf('several')) results.set(at, { state: 'refused', refusal: several(wanted[at], found[at]) });

	const missing = placesOf('none');
	const created = await createObjects(
		scope,
		missing.map((at) => {
			const { body, bodyOnCreate, otherBodyOnCreate } = wanted[at] as WantedObject;
			const whole = withoutNulls({ ...body, ...bodyOnCreate });
			const other = otherBodyOnCreate && { otherBody: { ...whole, ...otherBodyOnCreate } };
			return { ...(sought[at] as Sought), body: whole, ...other };
		}),
	);
	const known = placesOf('found').map((at) => ({ at, found: found[at] as Found & { state: 'found' } }));
	for (const [index, at] of missing.entries()) {
		const each = created[index];
		const anchor: Anchor = { skuIds: [] };
		if (each?.state === 'made')
			results.set(at, { state: 'written', object: each.object, anchor, isNew: true, changed: true });
		else if (each?.state === 'found')
			known.push({ at, found: { state: 'found', object: each.object, isRecent: true } });
		else if (each) results.set(at, { state: 'refused', refusal: refusalOf(each.answer), answer: each.answer });
	}
	const patched = await patchObjects(
		scope,
		known.map(({ at, found: { object, isRecent } }) => {
			const { record, body } = wanted[at] as WantedObject;
			const change = isRecent ? wholeBody(body, object) : changesOf(body, object);
			return { record, object, change, anchor: sought[at]?.anchor as Anchor };
		}),
	);
	for (const [index, { at }] of known.entries()) results.set(at, patched[index] as PutResult);
	return wanted.map((_, at) => results.get(at) as PutResult);
}

interface Patch {
	record: AnchoredRecord;
	object: GraphObject;
	change: Body;
	anchor: Anchor;
}

/** What is about to be written is remembered before, so that whoever comes soon after does not rely on what a replica shows. */
async function patchObjects(scope: GraphScope, patches: readonly Patch[]): Promise<PutResult[]> {
	const { anchors, tenantId, client, call } = scope;
	const isNeeded = ({ change }: Patch) => Object.keys(change).length > 0;
	await anchors.remember(
		tenantId,
		patches
			.filter((each) => isNeeded(each) || each.anchor.objectId !== each.object.id)
			.map(({ record, object }) => ({ ...record, objectId: object.id })),
	);
	const needed = patches.filter(isNeeded);
	const requests = needed.map(({ record, object, change }): GraphRequest => {
		return { method: 'PATCH', path: objectPath(record.kind, object.id), body: change, isNew: true };
	});
	const answers = await client.send(call, requests);
	const answerOf = new Map(needed.map((patch, at) => [patch, answers[at] as GraphAnswer]));
	return patches.map((patch) => {
		const answer = answerOf.get(patch);
		const { object, anchor, change } = patch;
		if (answer && !isOk(answer)) return { state: 'refused', refusal: refusalOf(answer), answer };
		return { state: 'written', object: { ...object, ...change }, anchor, isNew: false, changed: answer !== undefined };
	});
}

function several(wanted: WantedObject | undefined, found: Found | undefined): Refusal {
	const { kind = '', externalId = '' } = wanted?.record ?? {};
	const count = found?.state === 'several' ? found.count : 0;
	return {
		code: 'DuplicateTargetEntries',
		message: `The directory has ${count} objects for ${kind} "${externalId}". Delete those that nobody needs, or take the id from them.`,
	};
}

export function outcomeOf(result: PutResult, isChanged = false): WriteOutcome {
	if (result.state === 'refused') return refusedOutcome(result.refusal);
	return { ok: true, id: result.object.id, changed: result.changed || isChanged };
}
