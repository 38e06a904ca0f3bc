import { collectionBody, countBody, entityBody } from '../http/answers/odata-bodies.ts';
import { queryOf } from '../http/odata/list-query.ts';
import { answerList, countMatches, type ListSource } from '../http/odata/lists/list-answer.ts';
import { project } from '../http/odata/projection.ts';
import { queryShapes } from '../http/odata/query-shapes.ts';
import { operations } from '../http/operations.ts';
import { type ApiRequest, profileRef } from '../http/requests/api-request.ts';
import { isGuid } from '../http/requests/guid.ts';
import type { ProfileErrors } from '../services/runs/errors.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

const typeOf = (profileId: string, part: string) => `education/synchronizationProfiles('${profileId}')/${part}`;

const errorsOf = (request: ApiRequest) => servicesFor(request).errors.of(profileRef(request));

function sourceOf(errors: ProfileErrors): ListSource<Awaited<ReturnType<ProfileErrors['get']>>> {
	return {
		page: errors.page,
		total: errors.count,
		keyOf: ({ id }) => id,
		isKey: isGuid,
		find: errors.find,
		toJson: (error) => ({ ...error }),
		// Clients of the old service always saw how many there are, asked or not.
		alwaysCount: true,
	};
}

export const listErrors = registerOperation(operations.listErrors, async (request) => {
	const query = queryOf(request, queryShapes.errors);
	const answer = await answerList(query, sourceOf(await errorsOf(request)));
	return { jsonBody: collectionBody(request, typeOf(profileRef(request).profileId, 'errors'), answer) };
});

export const countErrors = registerOperation(operations.countErrors, async (request) => {
	const query = queryOf(request, queryShapes.errorCount);
	return countBody(await countMatches(query, sourceOf(await errorsOf(request))));
});

export const getError = registerOperation(operations.getError, async (request) => {
	const query = queryOf(request, queryShapes.error);
	const error = await (await errorsOf(request)).get(request.params.errorId as string);
	const type = typeOf(profileRef(request).profileId, 'errors/$entity');
	return { jsonBody: entityBody(request, type, project({ ...error }, query)) };
});
