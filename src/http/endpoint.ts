import { randomUUID } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { SyncApiError } from '../domain/errors.ts';
import { type Access, type Caller, requirePermission } from './access.ts';
import { errorResponse, type RequestIds } from './error-response.ts';
import type { Operation } from './operations.ts';
import { type JsonObject, readJsonObject } from './request-body.ts';

/** A request that has been let in. */
export interface ApiRequest {
	caller: Caller;
	/** The route's parameters; every one of them is a GUID, in lower case. */
	params: Readonly<Record<string, string>>;
	url: URL;
	headers: HttpRequest['headers'];
	readBody(): Promise<JsonObject>;
	context: InvocationContext;
}

export type ApiHandler = (request: ApiRequest) => Promise<HttpResponseInit>;

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const maxClientRequestIdLength = 128;

/** Lets a request in, or answers why not: the one place where errors become responses. It always answers. */
export function endpoint(operation: Operation, access: () => Access, handler: ApiHandler): HttpHandler {
	return async (request, context) => {
		const ids = requestIds(request);
		try {
			const caller = await access().authenticate(request.headers.get('authorization'));
			requirePermission(caller, operation.permission);
			const response = await handler({
				caller,
				params: guidParams(request.params),
				url: new URL(request.url),
				headers: request.headers,
				readBody: () => readJsonObject(request),
				context,
			});
			return withIds(response, ids);
		} catch (error) {
			if (!(error instanceof SyncApiError)) logFailure(context, operation, error);
			return withIds(errorResponse(error, ids), ids);
		}
	};
}

function requestIds(request: HttpRequest): RequestIds {
	const sent = request.headers.get('client-request-id');
	const isUsable = sent !== null && sent.length <= maxClientRequestIdLength && /^[\x21-\x7e]+$/.test(sent);
	return { requestId: randomUUID(), date: new Date(), ...(isUsable ? { clientRequestId: sent } : {}) };
}

/** An id that is no GUID names nothing, and must not reach a storage key. */
function guidParams(params: Readonly<Record<string, string>>): Record<string, string> {
	const checked: Record<string, string> = {};
	for (const [name, value] of Object.entries(params)) {
		const id = value.toLowerCase();
		if (!guid.test(id)) {
			const shown = JSON.stringify(value.slice(0, 64));
			throw new SyncApiError('ResourceNotFound', `There is nothing with the id ${shown}: ids are GUIDs.`);
		}
		checked[name] = id;
	}
	return checked;
}

function withIds(response: HttpResponseInit, { requestId, clientRequestId }: RequestIds): HttpResponseInit {
	const headers = { ...(response.headers as Record<string, string> | undefined), 'request-id': requestId };
	const echo: Record<string, string> = clientRequestId ? { 'client-request-id': clientRequestId } : {};
	return { ...response, headers: { 'cache-control': 'no-store', ...headers, ...echo } };
}

/** What the error calls itself, and its words if they are ours: what storage or a parser says may quote personal data. */
function logFailure(context: InvocationContext, { name }: Operation, error: unknown): void {
	const { name: kind = 'Error', code, statusCode, message } = error as Partial<VendorError>;
	const isQuoting = statusCode !== undefined || error instanceof SyntaxError;
	context.error(
		[`${name} failed: ${kind}`, code, statusCode, isQuoting ? undefined : message].filter(Boolean).join(' '),
	);
}

interface VendorError extends Error {
	code: string;
	statusCode: number;
}
