import { SyncApiError } from '../domain/errors.ts';
import type { ApiHandler } from '../http/endpoint.ts';
import { operations } from '../http/operations.ts';
import { servicesFor } from '../wiring.ts';
import { profileRef } from './profiles.ts';
import { registerOperation } from './register-operation.ts';

const messageType = 'Collection(microsoft.graph.educationFileSynchronizationVerificationMessage)';

/** A refusal carries both: the `error` that SDKs look for and the messages that the documentation promises. */
export const startProfile: ApiHandler = async (request) => {
	const { accepted, messages } = await servicesFor(request.context).starts.start(profileRef(request));
	const body = { '@odata.context': `${request.url.origin}/beta/$metadata#${messageType}`, value: messages };
	if (accepted) return { jsonBody: body };
	const errors = messages.filter(({ type }) => type === 'Error');
	throw new SyncApiError(
		'ValidationFailed',
		`The sync was not started: verification found ${errors.length} kind(s) of error. Correct the files named in "value", upload them again, and start again; GET errors shows the rows.`,
		{
			details: errors.map(({ fileName, description }) => ({
				code: 'InvalidFile',
				target: fileName,
				message: description,
			})),
			body,
		},
	);
};

registerOperation(operations.startProfile, startProfile);
