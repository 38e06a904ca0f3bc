import { profileRef } from '../http/addressing.ts';
import { entityBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { startRefusal } from '../services/start-refusal.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

const messagesType = 'Collection(microsoft.graph.educationFileSynchronizationVerificationMessage)';

export const startProfile = registerOperation(operations.startProfile, async (request) => {
	const { accepted, messages } = await servicesFor(request.context).starts.start(profileRef(request));
	const body = entityBody(request, messagesType, { value: messages });
	if (!accepted) throw startRefusal(messages, body);
	return { jsonBody: body };
});

export const pauseProfile = registerOperation(operations.pauseProfile, async (request) => {
	await servicesFor(request.context).lifecycle.pause(profileRef(request));
	return { status: 200 };
});

export const resumeProfile = registerOperation(operations.resumeProfile, async (request) => {
	await servicesFor(request.context).lifecycle.resume(profileRef(request));
	return { status: 200 };
});

export const resetProfile = registerOperation(operations.resetProfile, async (request) => {
	await servicesFor(request.context).lifecycle.reset(profileRef(request));
	return { status: 200 };
});

export const getUploadUrl = registerOperation(operations.getUploadUrl, async (request) => {
	const value = await servicesFor(request.context).uploads.getUploadUrl(profileRef(request));
	return { jsonBody: entityBody(request, request.root.dialect === 'graph' ? 'String' : 'Edm.String', { value }) };
});
