import type { GraphCounters } from './graph-counters.ts';
import { GraphError, graphErrors } from './graph-errors.ts';
import { errorAnswer, type GraphAnswer, type GraphRequest } from './graph-request.ts';
import { matchRoute, type RouteMatch } from './graph-routes.ts';
import type { FaultSource } from './limits/faults.ts';
import type { Quotas } from './limits/quotas.ts';
import type { createReplicas } from './limits/replicas.ts';
import { type RequestCost, requestCost } from './limits/request-cost.ts';
import type { Directory } from './model/directory.ts';
import type { Change } from './model/directory-object.ts';
import type { TenantSettings } from './resources/resource-context.ts';

export interface GraphParts {
	directoryOf(tenantId: string): Directory;
	/** Applies a change and has it stored; answers wait for that elsewhere. */
	commit(tenantId: string, change: Change): void;
	settings: TenantSettings;
	quotas: Quotas;
	faults: FaultSource;
	replicas: ReturnType<typeof createReplicas>;
	counters: GraphCounters;
	nowMs(): number;
	/** With the version. */
	baseUrl: string;
}

/** Answers one request, alone or out of a batch. It never waits, so that requests take effect one after the other. */
export function answerRequest(parts: GraphParts, request: GraphRequest): GraphAnswer {
	const kind = { name: `${request.method} (unknown)` };
	try {
		const { match, isKnown } = matchRoute(request.method, request.segments);
		if (!match) throw isKnown ? graphErrors.methodNotAllowed() : graphErrors.unknownPath(request.segments.join('/'));
		kind.name = `${request.method} ${match.route.path}`;
		checkPermissions(match, request);
		return answerMatched(parts, request, match);
	} catch (error) {
		if (!(error instanceof GraphError)) throw error;
		if (error.status === 429) parts.counters.countThrottled(kind.name);
		else parts.counters.countFailed(kind.name);
		return errorAnswer(error, new Date(parts.nowMs()));
	}
}

function checkPermissions({ route }: RouteMatch, { caller }: GraphRequest): void {
	const isGranted = route.needs.every((anyOf) => anyOf.some((permission) => caller.permissions.has(permission)));
	if (!isGranted) throw graphErrors.denied();
}

function answerMatched(parts: GraphParts, request: GraphRequest, { route, params }: RouteMatch): GraphAnswer {
	const { caller } = request;
	const nowMs = parts.nowMs();
	const directory = parts.directoryOf(caller.tenantId);
	const fault = parts.faults.ofRequest(request);
	if (fault === 'throttled') throw graphErrors.tooManyRequests({ 'retry-after': '2.128' });
	const headers = admit(parts, request, { cost: requestCost(route, request), name: `${route.method} ${route.path}` });
	if (fault === 'unavailable') throw graphErrors.unavailable();
	if (fault === 'refused') throw graphErrors.badRequest('The directory does not take this object.');
	const answer = route.handle({
		request,
		params,
		directory,
		settings: parts.settings,
		baseUrl: parts.baseUrl,
		nowMs,
		replica: parts.replicas.pick(nowMs),
		commit: (change) => parts.commit(caller.tenantId, change),
	});
	if (fault === 'timedOut') throw graphErrors.timedOut();
	return { ...answer, headers: { ...headers, ...answer.headers } };
}

function admit(
	{ quotas, counters, directoryOf, nowMs }: GraphParts,
	{ caller }: GraphRequest,
	{ cost, name }: { cost: RequestCost; name: string },
): Record<string, string> {
	const moment = { nowMs: nowMs(), userCount: directoryOf(caller.tenantId).size().users };
	const { isThrottled, headers } = quotas.admit(caller, cost, moment);
	if (isThrottled) throw graphErrors.tooManyRequests(headers);
	counters.countAdmitted(name, cost, { owner: `${caller.appId}/${caller.tenantId}`, nowMs: moment.nowMs });
	return headers;
}
