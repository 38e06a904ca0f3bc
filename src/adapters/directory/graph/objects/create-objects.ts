import { slices } from '../../../transactions.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import { isLost } from '../client/retry.ts';
import { isConflict } from '../graph-outcomes.ts';
import { endOf, type GraphScope } from '../graph-scope.ts';
import { inLanes } from '../in-lanes.ts';
import { bySisId, findObjects, type Sought } from './find-objects.ts';
import type { Body } from './object-bodies.ts';
import { type GraphObject, isUserKind, objectKinds } from './object-kinds.ts';

export interface NewObject extends Sought {
	body: Body;
	/** With other names, for the case that those of the first are taken. */
	otherBody?: Body;
}

/** What came of a creation. Whoever was `found` has been made by somebody else meanwhile, or by a request that nobody heard the end of. */
export type Created =
	| { state: 'made'; object: GraphObject }
	| { state: 'found'; object: GraphObject }
	| { state: 'refused'; answer: GraphAnswer };

/** Few enough that a claim is not kept for long, enough that batches are full. */
const claimedAtOnce = 60;
/** A request that was given up at its deadline may still have been carried out some seconds later. */
const afterClaimMs = 30_000;

/**
 * Makes each object once, whoever else makes it at the same time, and whatever becomes of the answers: first it is claimed in a table; a
 * creation whose answer is lost is looked for, for as long as replicas may take to show it, before it is asked for again.
 */
export async function createObjects(scope: GraphScope, wanted: readonly NewObject[]): Promise<Created[]> {
	const made = await inLanes(scope, slices(wanted, claimedAtOnce), createSome);
	return made.flat();
}

async function createSome(scope: GraphScope, wanted: readonly NewObject[]): Promise<Created[]> {
	const { anchors, tenantId, clock } = scope;
	const records = wanted.map(({ record }) => record);
	await anchors.forget(
		tenantId,
		records.filter((_, at) => wanted[at]?.anchor.objectId !== undefined),
	);
	const until = (await endOf(scope)).getTime() + afterClaimMs;
	const granted = await anchors.claim(tenantId, records, { now: clock.now().getTime(), until });
	const own = wanted.filter((_, at) => granted[at]);
	const theirs = wanted.filter((_, at) => !granted[at]);
	const [made, awaited] = [await createClaimed(scope, own), await awaitOthers(scope, theirs)];
	return granted.map((isOwn) => (isOwn ? made.shift() : awaited.shift()) as Created);
}

async function createClaimed(scope: GraphScope, wanted: readonly NewObject[]): Promise<Created[]> {
	if (wanted.length === 0) return [];
	// Somebody claimed it before and was never heard of again: his request may have made it.
	const doubtful = wanted.filter(({ anchor }) => anchor.claimedUntil !== undefined);
	const known = await lookPatiently(scope, doubtful);
	const created = new Map<NewObject, Created>(known);
	const missing = wanted.filter((one) => !created.has(one));
	for (const [one, each] of await post(scope, missing)) created.set(one, each);
	const { anchors, tenantId } = scope;
	const all = wanted.map((one) => [one, created.get(one) as Created] as const);
	await anchors.remember(
		tenantId,
		all.flatMap(([{ record }, each]) => (each.state === 'refused' ? [] : [{ ...record, objectId: each.object.id }])),
	);
	await anchors.forget(
		tenantId,
		all.flatMap(([{ record }, each]) => (each.state === 'refused' ? [record] : [])),
	);
	return all.map(([, each]) => each);
}

const maxPosts = 3;

async function post(scope: GraphScope, wanted: readonly NewObject[]): Promise<Map<NewObject, Created>> {
	const created = new Map<NewObject, Created>();
	let open = wanted.map((one) => ({ one, body: one.body }));
	for (let times = 1; open.length > 0; times++) {
		const requests = open.map(({ one, body }): GraphRequest => {
			return { method: 'POST', path: objectKinds[one.record.kind].path, body, creates: true };
		});
		const answers = await scope.client.send(scope.call, requests);
		const unsure = open.filter((_, at) => isUnsure(answers[at] as GraphAnswer));
		const known = await lookPatiently(
			scope,
			unsure.map(({ one }) => one),
		);
		const again: typeof open = [];
		for (const [at, { one, body }] of open.entries()) {
			const answer = answers[at] as GraphAnswer;
			const found = known.get(one);
			if (isOk(answer)) created.set(one, { state: 'made', object: answer.body as GraphObject });
			else if (found) created.set(one, found);
			else if (isLost(answer) && times < maxPosts) again.push({ one, body });
			else if (isConflict(answer, 'mailNickname') && one.otherBody && body !== one.otherBody)
				again.push({ one, body: one.otherBody });
			else created.set(one, { state: 'refused', answer });
		}
		open = again;
	}
	return created;
}

/** Either the object was made and nobody heard of it, or its name is taken, be it by itself. */
const isUnsure = (answer: GraphAnswer) => isLost(answer) || isConflict(answer, 'mailNickname');

/** A second class or user of the name would be refused; of schools there may be any number. */
const pausesMs = { named: [0, 2_000], unnamed: [0, 2_000, 4_000, 8_000, 16_000] } as const;

async function lookPatiently(
	scope: GraphScope,
	wanted: readonly NewObject[],
): Promise<Map<NewObject, Created & { state: 'found' }>> {
	const found = new Map<NewObject, Created & { state: 'found' }>();
	for (const isNamed of [true, false]) {
		let missing = wanted.filter(({ record: { kind } }) => (isUserKind(kind) || kind === 'section') === isNamed);
		for (const pauseMs of isNamed ? pausesMs.named : pausesMs.unnamed) {
			if (missing.length === 0) break;
			if (pauseMs > 0) await scope.clock.sleep(pauseMs, scope.call.signal);
			for (const [at, each] of (await bySisId(scope, missing)).entries())
				if (each.state === 'found') found.set(missing[at] as NewObject, { state: 'found', object: each.object });
			missing = missing.filter((one) => !found.has(one));
		}
	}
	return found;
}

const askEveryMs = 500;

/** Until whoever makes them has made them, or has not been heard of for too long. */
async function awaitOthers(scope: GraphScope, wanted: readonly NewObject[]): Promise<Created[]> {
	const created = new Map<NewObject, Created>();
	let missing = wanted;
	while (missing.length > 0) {
		const known = await scope.anchors.find(
			scope.tenantId,
			missing.map(({ record }) => record),
		);
		const sought = missing.map((one, at) => ({ ...one, anchor: known[at] ?? one.anchor }));
		const now = scope.clock.now().getTime();
		const ready = sought.filter(({ anchor }) => anchor.objectId !== undefined);
		const over = sought.filter(({ anchor }) => anchor.objectId === undefined && (anchor.claimedUntil ?? 0) <= now);
		for (const [at, found] of (await findObjects(scope, ready)).entries())
			if (found.state === 'found') created.set(ready[at] as NewObject, { state: 'found', object: found.object });
		for (const [at, each] of (over.length > 0 ? await createSome(scope, over) : []).entries())
			created.set(over[at] as NewObject, each);
		const done = new Set([...created.keys()].map(({ record }) => record));
		missing = missing.filter(({ record }) => !done.has(record));
		if (missing.length > 0) await scope.clock.sleep(askEveryMs, scope.call.signal);
	}
	const byRecord = new Map([...created].map(([{ record }, each]) => [record, each]));
	return wanted.map(({ record }) => byRecord.get(record) as Created);
}
