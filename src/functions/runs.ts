import { csvDownload, csvStream } from '../http/answers/csv-download.ts';
import { collectionBody, entityBody } from '../http/answers/odata-bodies.ts';
import { planCsv, prefersCsv } from '../http/answers/plan-csv.ts';
import { runResource } from '../http/answers/run-resource.ts';
import { queryOf } from '../http/odata/list-query.ts';
import { answerList } from '../http/odata/lists/list-answer.ts';
import { refusedSkipToken } from '../http/odata/lists/skip-token.ts';
import { project } from '../http/odata/projection.ts';
import { queryShapes } from '../http/odata/query-shapes.ts';
import { operations } from '../http/operations.ts';
import { type ApiRequest, profileRef } from '../http/requests/api-request.ts';
import { isGuid } from '../http/requests/guid.ts';
import type { ChangePlace } from '../services/runs/planned-changes.ts';
import { servicesFor } from '../wiring.ts';
import { registerOperation } from './registration/register-operation.ts';

const typeOf = (profileId: string, part: string) => `education/synchronizationProfiles('${profileId}')/${part}`;

const runRef = (request: ApiRequest) => ({ ...profileRef(request), runId: request.params.runId as string });

export const listRuns = registerOperation(operations.listRuns, async (request) => {
	const query = queryOf(request, queryShapes.runs);
	const ref = profileRef(request);
	const { runs } = servicesFor(request);
	const answer = await answerList(query, {
		page: (page) => runs.list(ref, page),
		keyOf: ({ id }) => id,
		isKey: isGuid,
		toJson: runResource,
	});
	return { jsonBody: collectionBody(request, typeOf(ref.profileId, 'runs'), answer) };
});

export const getRunReport = registerOperation(operations.getRunReport, async (request) => {
	const ref = runRef(request);
	const name = `findings-${ref.profileId.slice(0, 8)}-${ref.runId.slice(0, 8)}.csv`;
	return await csvDownload(name, await servicesFor(request).reports.get(ref));
});

export const getRunReportFile = registerOperation(operations.getRunReportFile, async (request) => {
	const file = request.params.file as string;
	const rows = await servicesFor(request).reports.getFaultyRows(runRef(request), file);
	// The name under which it can be uploaded again.
	return await csvDownload(file, rows);
});

const defaultPlanPage = 100;

export const getRunPlan = registerOperation(operations.getRunPlan, async (request) => {
	const query = queryOf(request, queryShapes.plan);
	const ref = runRef(request);
	const { top = defaultPlanPage, continuation, conditions: where = [] } = query;
	const { etag, counts, estimate, ...plan } = await servicesFor(request).plans.of(ref);
	const headers = { etag, vary: 'accept' };
	if ((query.format ?? (prefersCsv(request.headers.get('accept')) ? 'csv' : 'json')) === 'csv') {
		const name = `plan-${ref.profileId.slice(0, 8)}-${ref.runId.slice(0, 8)}.csv`;
		return csvStream(name, planCsv(plan.changes(where)), headers);
	}
	const from = continuation === undefined ? {} : { from: placeOf(continuation) };
	const { items, next } = await plan.page({ size: top, where, ...from });
	const body = collectionBody(request, typeOf(ref.profileId, `runs('${ref.runId}')/plan`), {
		items: items.map((change) => project({ ...change }, query)),
		// A count may take a reading of everything: it is made once, for the first page.
		...(query.wantsCount && continuation === undefined ? { count: await plan.count(where) } : {}),
		...(next ? { continuation: `${next.slice}.${next.line}` } : {}),
	});
	return { jsonBody: { ...body, '@odata.etag': etag, counts, estimate }, headers };
});

function placeOf(continuation: string): ChangePlace {
	const [, slice, line] = /^(\d{1,7})\.(\d{1,9})$/.exec(continuation) ?? [];
	if (slice === undefined || line === undefined) throw refusedSkipToken();
	return { slice: Number(slice), line: Number(line) };
}

export const listHolds = registerOperation(operations.listHolds, async (request) => {
	const ref = runRef(request);
	const { etag, holds } = await servicesFor(request).runs.holds(ref);
	const body = collectionBody(request, typeOf(ref.profileId, `runs('${ref.runId}')/holds`), {
		items: holds.map((hold) => ({ ...hold })),
	});
	return etag ? { jsonBody: { ...body, '@odata.etag': etag }, headers: { etag } } : { jsonBody: body };
});

export const approveHolds = registerOperation(operations.approveHolds, async (request) => {
	await servicesFor(request).lifecycle.approveHolds(decisionOf(request));
	return { status: 200 };
});

export const discardHolds = registerOperation(operations.discardHolds, async (request) => {
	await servicesFor(request).lifecycle.discardHolds(decisionOf(request));
	return { status: 200 };
});

export const approveHold = registerOperation(operations.approveHold, async (request) => {
	await servicesFor(request).lifecycle.approveHolds(decisionOf(request));
	return { status: 200 };
});

export const discardHold = registerOperation(operations.discardHold, async (request) => {
	await servicesFor(request).lifecycle.discardHolds(decisionOf(request));
	return { status: 200 };
});

export const undoRun = registerOperation(operations.undoRun, async (request) => {
	const ref = runRef(request);
	const etag = request.headers.get('if-match') ?? undefined;
	const answer = await servicesFor(request).lifecycle.undo(ref, etag);
	return { jsonBody: entityBody(request, typeOf(ref.profileId, `runs('${ref.runId}')/undo`), answer) };
});

const decisionOf = (request: ApiRequest) => ({
	run: runRef(request),
	etag: request.headers.get('if-match') ?? '',
	holdId: request.params.holdId,
});

export const getRun = registerOperation(operations.getRun, async (request) => {
	const query = queryOf(request, queryShapes.run);
	const ref = runRef(request);
	const run = await servicesFor(request).runs.get(ref);
	const type = typeOf(ref.profileId, 'runs/$entity');
	return { jsonBody: entityBody(request, type, project(runResource(run), query)) };
});
