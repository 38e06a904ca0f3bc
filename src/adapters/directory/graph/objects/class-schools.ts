import type { Refusal } from '../../../../domain/directory.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import { isThereAlready, refusalOf } from '../graph-outcomes.ts';
import type { GraphScope } from '../graph-scope.ts';
import type { AnchoredRecord } from './graph-anchors.ts';
import type { Written } from './put-objects.ts';

/** A class that is to be in a school. */
export interface Placed {
	/** Within the call. */
	at: number;
	record: AnchoredRecord;
	written: Written;
	/** Directory id. */
	schoolId: string;
}

interface Moved {
	isMoved: boolean;
	incomplete?: Refusal;
}

/** By place in the call. A class leaves the school in which the same record had it; where somebody else put it, it stays. */
export async function putIntoSchools(
	scope: GraphScope,
	placed: readonly Placed[],
): Promise<ReadonlyMap<number, Moved>> {
	const moving = await outOfPlace(scope, placed);
	const entered = await send(scope, moving, ({ schoolId, written }) => ({
		method: 'POST',
		path: `/education/schools/${encodeURIComponent(schoolId)}/classes/$ref`,
		body: scope.client.referTo(`/education/classes/${written.object.id}`),
		isNew: true,
	}));
	const isIn = (answer: GraphAnswer) => isOk(answer) || isThereAlready(answer);
	const inside = moving.filter((_, at) => isIn(entered[at] as GraphAnswer));
	const leaving = inside.filter(({ written: { anchor }, schoolId }) => (anchor.schoolId ?? schoolId) !== schoolId);
	const answers = await send(scope, leaving, ({ written: { anchor, object } }) => ({
		method: 'DELETE',
		path: `/education/schools/${encodeURIComponent(anchor.schoolId ?? '')}/classes/${object.id}/$ref`,
	}));
	const left = new Map(leaving.map((each, at) => [each, answers[at] as GraphAnswer]));
	const isOut = (each: Placed) => [undefined, 204, 200, 404].includes(left.get(each)?.status);
	await scope.anchors.remember(
		scope.tenantId,
		inside.filter(isOut).map(({ record, written, schoolId }) => ({ ...record, objectId: written.object.id, schoolId })),
	);
	return new Map(
		moving.map((each, at): [number, Moved] => {
			const answer = entered[at] as GraphAnswer;
			if (!isIn(answer)) return [each.at, { isMoved: false, incomplete: outside(answer, 'not in its school') }];
			if (isOut(each)) return [each.at, { isMoved: isOk(answer) }];
			const incomplete = outside(left.get(each) as GraphAnswer, 'still in the school that it was in before, too');
			return [each.at, { isMoved: true, incomplete }];
		}),
	);
}

/** What a replica shows may be older than the last move: a class is in place if what is remembered says so, too. */
async function outOfPlace({ client, call }: GraphScope, placed: readonly Placed[]): Promise<Placed[]> {
	const asked = placed.filter(({ written: { isNew, anchor }, schoolId }) => !isNew && anchor.schoolId === schoolId);
	const lists = await client.lists(
		call,
		asked.map(({ written }): GraphRequest => {
			return { method: 'GET', path: `/education/classes/${written.object.id}/schools?$select=id`, isNew: true };
		}),
	);
	const isThere = (each: Placed) =>
		(lists[asked.indexOf(each)] as { id: string }[] | undefined)?.some(({ id }) => id === each.schoolId) === true;
	const inPlace = new Set(asked.filter(isThere));
	return placed.filter((each) => !inPlace.has(each));
}

function send(
	{ client, call }: GraphScope,
	placed: readonly Placed[],
	requestOf: (each: Placed) => GraphRequest,
): Promise<GraphAnswer[]> {
	return client.send(call, placed.map(requestOf));
}

function outside(answer: GraphAnswer, where: string): Refusal {
	const { message } = refusalOf(answer);
	const code = answer.status === 404 ? 'InvalidLookupReference' : 'UnSpecified';
	return { code, message: `The class is there, but ${where}: ${message}` };
}
