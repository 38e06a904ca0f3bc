import type { ApiHandler } from '../http/endpoint.ts';
import { operations } from '../http/operations.ts';
import { collectionBody, pageRequestOf } from '../http/paging.ts';
import { runResource } from '../http/run-resource.ts';
import { servicesFor } from '../wiring.ts';
import { profileRef } from './profiles.ts';
import { registerOperation } from './register-operation.ts';

export const listErrors: ApiHandler = async (request) => {
	const ref = profileRef(request);
	const { total, ...page } = await servicesFor(request.context).errors.list(
		ref,
		pageRequestOf(request.url.searchParams),
	);
	const context = `education/synchronizationProfiles('${ref.profileId}')/errors`;
	return { jsonBody: collectionBody(page, { url: request.url, context, count: total, toJson: (error) => error }) };
};

export const listRuns: ApiHandler = async (request) => {
	const ref = profileRef(request);
	const page = await servicesFor(request.context).runs.list(ref, pageRequestOf(request.url.searchParams));
	const context = `education/synchronizationProfiles('${ref.profileId}')/runs`;
	return { jsonBody: collectionBody(page, { url: request.url, context, toJson: runResource }) };
};

export const getRun: ApiHandler = async (request) => {
	const ref = { ...profileRef(request), runId: request.params.runId as string };
	return { jsonBody: runResource(await servicesFor(request.context).runs.get(ref)) };
};

registerOperation(operations.listErrors, listErrors);
registerOperation(operations.listRuns, listRuns);
registerOperation(operations.getRun, getRun);
