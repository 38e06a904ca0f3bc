import { randomUUID } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { SyncApiError } from '../domain/errors.ts';
import { appliedPreferences } from './answers/applied-preferences.ts';
import { enumCaseOf, in2017Dialect } from './answers/dialect-2017.ts';
import { errorResponse, type RequestIds } from './answers/error-response.ts';
import { odataJson } from './answers/odata-bodies.ts';
import { fileParam, type Operation } from './operations.ts';
import { type FrontDoor, requirePermission } from './requests/access.ts';
import { type FoundOperation, graphRoot, type ServiceRoot } from './requests/addressing.ts';
import type { ApiRequest } from './requests/api-request.ts';
import { isGuid } from './requests/guid.ts';
import { publicUrlOf } from './requests/public-address.ts';
import { discardBody, readJsonObject } from './requests/request-body.ts';

export type ApiHandler = (request: ApiRequest) => Promise<HttpResponseInit>;

const maxClientRequestIdLength = 128;

/** One operation at its own route. */
export function endpoint(operation: Operation, access: () => FrontDoor, handler: ApiHandler): HttpHandler {
	return (request, context) =>
		answer(request, context, {
			access,
			find: () => ({ operation, handler, params: routeParams(operation, request), root: graphRoot }),
		});
}

/**
 * Only what the route names: with streaming, the platform puts members of the body and query options beside it, and a
 * parameter goes by the spelling of an option that has its name in other letters.
 */
function routeParams({ route }: Operation, { params }: HttpRequest): Record<string, string> {
	const given = new Map(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value]));
	const names = [...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
	// An encoded slash is the one thing that the platform leaves encoded.
	const textOf = (name: string) => (params[name] ?? given.get(name.toLowerCase()) ?? '').replace(/%2f/gi, '/');
	return Object.fromEntries(names.map((name) => [name, textOf(name)]));
}

/** What serves a request. `operation` names it in the log and says what it needs. */
export interface Target extends FoundOperation {
	handler: ApiHandler;
}

export interface Answering {
	access: () => FrontDoor;
	/** Throws `SyncApiError` if nothing serves the request. */
	find: () => Target;
}

/** Lets a request in and serves it, or answers why not. */
export function answer(
	request: HttpRequest,
	context: InvocationContext,
	{ access, find }: Answering,
): Promise<HttpResponseInit> {
	return respond(request, context, async () => {
		const door = access();
		const caller = await door.authenticate(request.headers.get('authorization'));
		const { operation, handler, params, root } = find();
		requirePermission(caller, operation.permission);
		const requested = new URL(request.url);
		const address = door.addressOf?.(requested) ?? requested.origin;
		const response = await handler({
			caller,
			params: checkedParams(params),
			url: publicUrlOf(requested, address),
			address,
			root,
			headers: request.headers,
			readBody: () => readJsonObject(request),
			context,
		});
		await door.recorded?.(context);
		const preferences = appliedPreferences(operation, request.headers);
		return { ...inDialect(response, root), headers: { ...response.headers, ...preferences } };
	});
}

/**
 * The one place where errors become responses. It always answers: where a function throws, or returns nothing, the platform
 * lets the client wait for minutes.
 */
export async function respond(
	request: HttpRequest,
	context: InvocationContext,
	serve: () => Promise<HttpResponseInit>,
): Promise<HttpResponseInit> {
	const ids = requestIds(request);
	try {
		return withIds(await serve(), ids);
	} catch (error) {
		if (!(error instanceof SyncApiError)) logFailure(context, error);
		else if (error.cause !== undefined) logFailure(context, error.cause);
		return withIds(errorResponse(isOutage(error) ? outage() : error, ids), ids);
	} finally {
		// A client that went away meanwhile is no reason to answer differently.
		await discardBody(request).catch(() => {});
	}
}

function inDialect(response: HttpResponseInit, { dialect, path }: ServiceRoot): HttpResponseInit {
	const isOld = dialect === '2017' && response.jsonBody !== undefined;
	return isOld ? { ...response, jsonBody: in2017Dialect(response.jsonBody, enumCaseOf(path)) } : response;
}

function requestIds(request: HttpRequest): RequestIds {
	const sent = request.headers.get('client-request-id');
	const isUsable = sent !== null && sent.length <= maxClientRequestIdLength && /^[\x21-\x7e]+$/.test(sent);
	return { requestId: randomUUID(), date: new Date(), ...(isUsable ? { clientRequestId: sent } : {}) };
}

const fileName = /^\w[\w.-]{0,63}$/;

/** An id that is no GUID names nothing, and must not reach a storage key. */
function checkedParams(params: Readonly<Record<string, string>>): Record<string, string> {
	const checked: Record<string, string> = {};
	for (const [name, value] of Object.entries(params)) {
		const isFile = name === fileParam;
		if (!(isFile ? fileName.test(value) : isGuid(value))) {
			const shown = JSON.stringify(value.slice(0, 64));
			if (isFile) throw new SyncApiError('ResourceNotFound', `There is no file with the name ${shown}.`);
			throw new SyncApiError('ResourceNotFound', `There is nothing with the id ${shown}: ids are GUIDs.`);
		}
		checked[name] = value.toLowerCase();
	}
	return checked;
}

function withIds(response: HttpResponseInit, { requestId, clientRequestId }: RequestIds): HttpResponseInit {
	const headers = { ...(response.headers as Record<string, string> | undefined), 'request-id': requestId };
	const echo: Record<string, string> = clientRequestId ? { 'client-request-id': clientRequestId } : {};
	const type: Record<string, string> = response.jsonBody === undefined ? {} : { 'content-type': odataJson };
	const all = { 'cache-control': 'no-store', ...type, ...headers, ...echo };
	// Throws here, where it can still be answered, what the platform would find out too late.
	new Headers(all);
	return { ...response, headers: all };
}

/** What the error calls itself, and its words if they are ours: what storage or a parser says may quote personal data. */
export function logFailure(context: InvocationContext, error: unknown, part?: string): void {
	const { name: kind = 'Error', code, statusCode, message }: Partial<VendorError> = error instanceof Error ? error : {};
	const isQuoting = statusCode !== undefined || error instanceof SyntaxError;
	const where = part ? `${context.functionName} (${part})` : context.functionName;
	// The first thing that goes wrong after a deployment, and the one that its text says least about.
	const cure =
		statusCode === 403 ? '(the identity of the app may lack a role: /health/ready says for what)' : undefined;
	const words = [`${where} failed: ${kind}`, code, statusCode, isQuoting ? undefined : message, cure];
	context.error(words.filter(Boolean).join(' '));
}

const networkTroubles: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ECONNRESET',
	'ENOTFOUND',
	'EPIPE',
	'ETIMEDOUT',
	'REQUEST_SEND_ERROR',
]);

/** Storage, or another service behind us, is out of reach or overloaded: the same request may do in a while. */
function isOutage(error: unknown): boolean {
	const { code, statusCode }: Partial<VendorError> = error instanceof Error ? error : {};
	return (statusCode !== undefined && statusCode >= 500) || (code !== undefined && networkTroubles.has(code));
}

/** What failed behind us is its `cause`, which the log names. */
export function outage(cause?: unknown): SyncApiError {
	const error = new SyncApiError(
		'ServiceUnavailable',
		'A service that this one needs does not answer just now. Try again.',
		{ headers: { 'Retry-After': '10' } },
	);
	error.cause = cause;
	return error;
}

interface VendorError extends Error {
	code: string;
	statusCode: number;
}
