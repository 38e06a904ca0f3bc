import { entityBody } from '../http/answers/odata-bodies.ts';
import { traceResource } from '../http/answers/trace-resource.ts';
import { operations } from '../http/operations.ts';
import { profileRef } from '../http/requests/api-request.ts';
import { readTraceQuery } from '../http/requests/trace-query.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

export const getTrace = registerOperation(operations.getTrace, async (request) => {
	const ref = profileRef(request);
	const trace = await servicesFor(request).traces.trace(ref, readTraceQuery(request.url.searchParams));
	const type = `education/synchronizationProfiles('${ref.profileId}')/trace`;
	return { jsonBody: entityBody(request, type, traceResource(trace)) };
});
