import { profileRef } from '../http/api-request.ts';
import { entityBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { readTraceQuery } from '../http/trace-query.ts';
import { traceResource } from '../http/trace-resource.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

export const getTrace = registerOperation(operations.getTrace, async (request) => {
	const ref = profileRef(request);
	const trace = await servicesFor(request).traces.trace(ref, readTraceQuery(request.url.searchParams));
	const type = `education/synchronizationProfiles('${ref.profileId}')/trace`;
	return { jsonBody: entityBody(request, type, traceResource(trace)) };
});
