import { profileRef } from '../http/addressing.ts';
import { answerList } from '../http/odata/list-answer.ts';
import { project } from '../http/odata/projection.ts';
import { readQuery } from '../http/odata/query-options.ts';
import { collectionBody, entityBody } from '../http/odata-bodies.ts';
import { operations } from '../http/operations.ts';
import { queryShapes } from '../http/query-shapes.ts';
import { runResource } from '../http/run-resource.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './register-operation.ts';

const typeOf = (profileId: string, part: string) => `education/synchronizationProfiles('${profileId}')/${part}`;

export const listRuns = registerOperation(operations.listRuns, async (request) => {
	const query = readQuery(request.url.searchParams, queryShapes.runs);
	const ref = profileRef(request);
	const { runs } = servicesFor(request.context);
	const answer = await answerList(query, {
		page: (page) => runs.list(ref, page),
		keyOf: ({ id }) => id,
		toJson: runResource,
	});
	return { jsonBody: collectionBody(request, typeOf(ref.profileId, 'runs'), answer) };
});

export const getRunReport = registerOperation(operations.getRunReport, async (request) => {
	const { profileId } = profileRef(request);
	const runId = request.params.runId as string;
	const body = await servicesFor(request.context).reports.get({ ...profileRef(request), runId });
	const headers = {
		'content-type': 'text/csv; charset=utf-8',
		'content-disposition': `attachment; filename="findings-${profileId.slice(0, 8)}-${runId.slice(0, 8)}.csv"`,
		'x-content-type-options': 'nosniff',
	};
	return { headers, body };
});

export const getRun = registerOperation(operations.getRun, async (request) => {
	const query = readQuery(request.url.searchParams, queryShapes.run);
	const ref = profileRef(request);
	const run = await servicesFor(request.context).runs.get({ ...ref, runId: request.params.runId as string });
	const type = typeOf(ref.profileId, 'runs/$entity');
	return { jsonBody: entityBody(request, type, project(runResource(run), query)) };
});
