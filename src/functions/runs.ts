import { profileRef } from '../http/addressing.ts';
import { collectionBody, entityBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { pageRequestOf } from '../http/paging.ts';
import { runResource } from '../http/run-resource.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

const typeOf = (profileId: string, part: string) => `education/synchronizationProfiles('${profileId}')/${part}`;

export const listErrors = registerOperation(operations.listErrors, async (request) => {
	const ref = profileRef(request);
	const { errors } = servicesFor(request.context);
	const { total, ...page } = await errors.list(ref, pageRequestOf(request.url.searchParams));
	const type = typeOf(ref.profileId, 'errors');
	return { jsonBody: collectionBody(request, { type, page, count: total, toJson: (error) => error }) };
});

export const listRuns = registerOperation(operations.listRuns, async (request) => {
	const ref = profileRef(request);
	const page = await servicesFor(request.context).runs.list(ref, pageRequestOf(request.url.searchParams));
	return { jsonBody: collectionBody(request, { type: typeOf(ref.profileId, 'runs'), page, toJson: runResource }) };
});

export const getRun = registerOperation(operations.getRun, async (request) => {
	const ref = profileRef(request);
	const run = await servicesFor(request.context).runs.get({ ...ref, runId: request.params.runId as string });
	return { jsonBody: entityBody(request, typeOf(ref.profileId, 'runs/$entity'), runResource(run)) };
});
