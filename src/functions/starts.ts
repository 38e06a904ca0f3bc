import { profileRef } from '../http/addressing.ts';
import { entityBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { startRefusal } from '../http/start-refusal.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

const type = 'Collection(microsoft.graph.educationFileSynchronizationVerificationMessage)';

export const startProfile = registerOperation(operations.startProfile, async (request) => {
	const { accepted, messages } = await servicesFor(request.context).starts.start(profileRef(request));
	const body = entityBody(request, type, { value: messages });
	if (!accepted) throw startRefusal(messages, body);
	return { jsonBody: body };
});
