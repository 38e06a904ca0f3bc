import { entityBody } from '../http/answers/odata-bodies.ts';
import { startRefusal } from '../http/answers/start-refusal.ts';
import { operations } from '../http/operations.ts';
import { type ApiRequest, profileRef } from '../http/requests/api-request.ts';
import { queryFlag } from '../http/requests/query-flag.ts';
import type { StartResult } from '../services/intake/start-service.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

const messagesType = 'Collection(microsoft.graph.educationFileSynchronizationVerificationMessage)';

export const startProfile = registerOperation(operations.startProfile, async (request) => {
	const isDryRun = queryFlag(request.url.searchParams, 'dryRun');
	const result = await servicesFor(request).starts.start(profileRef(request), { reason: 'start', isDryRun });
	return { jsonBody: messagesBody(request, result) };
});

/** Throws `SyncApiError` (400) with the same messages if the files were refused. */
function messagesBody(request: ApiRequest, { accepted, messages, runId }: StartResult): Record<string, unknown> {
	const body = entityBody(request, messagesType, { value: messages, ...(runId ? { runId } : {}) });
	if (!accepted) throw startRefusal(messages, body);
	return body;
}

export const pauseProfile = registerOperation(operations.pauseProfile, async (request) => {
	await servicesFor(request).lifecycle.pause(profileRef(request));
	return { status: 200 };
});

export const resumeProfile = registerOperation(operations.resumeProfile, async (request) => {
	const result = await servicesFor(request).lifecycle.resume(profileRef(request));
	if (result) messagesBody(request, result);
	return { status: 200 };
});

export const resetProfile = registerOperation(operations.resetProfile, async (request) => {
	await servicesFor(request).lifecycle.reset(profileRef(request));
	return { status: 200 };
});

export const getUploadUrl = registerOperation(operations.getUploadUrl, async (request) => {
	const value = await servicesFor(request).uploads.getUploadUrl(profileRef(request));
	return { jsonBody: entityBody(request, request.root.dialect === 'graph' ? 'String' : 'Edm.String', { value }) };
});
