// By its default export: Node finds only some of the names that this CommonJS module has.
import azureFunctions, { type HttpRequest } from '@azure/functions';
import { SyncApiError } from '../domain/errors.ts';
import { answerBatch, noFiles } from '../http/batch/batch-answer.ts';
import { type BatchedRequest, readBatch } from '../http/batch/batch-body.ts';
import { answer } from '../http/endpoint.ts';
import { operations } from '../http/operations.ts';
import { graphRoot } from '../http/requests/addressing.ts';
import type { ApiRequest } from '../http/requests/api-request.ts';
import { isJsonType } from '../http/requests/request-body.ts';
import { access } from '../wiring.ts';
import { registerOperation, targetOf } from './registration/register-operation.ts';

/** They answer with files, which would be made for nothing. */
const downloads: ReadonlySet<string> = new Set([operations.getRunReport.name, operations.getRunReportFile.name]);

export const batch = registerOperation(operations.batch, async (request) => {
	const requests = readBatch(await request.readBody());
	const responses = await answerBatch(requests, {
		send: (each) => sendAlone(request, each, () => targetInBatch(request, each)),
		refuse: (each, error) =>
			sendAlone(request, each, () => {
				throw error;
			}),
	});
	return { jsonBody: { responses } };
});

/** As if it had come by itself, with the token of the batch: it is let in, counted, and answered like any other. */
function sendAlone(batched: ApiRequest, each: BatchedRequest, find: () => ReturnType<typeof targetOf>) {
	return answer(requestOf(batched, each), batched.context, { access, find });
}

function targetInBatch(batched: ApiRequest, each: BatchedRequest) {
	const target = targetOf(each.method, urlOf(batched, each).pathname);
	if (target.operation === operations.batch)
		throw new SyncApiError('BadRequest', 'A batch cannot have another batch in it. Send its requests in this one.');
	if (downloads.has(target.operation.name)) throw noFiles();
	return target;
}

/**
 * Relative to the version, or to the root of 2017, at which the batch was sent; where the URL begins with it, as Microsoft's SDK for
 * JavaScript leaves it, it is not there twice.
 */
function urlOf({ address, root }: ApiRequest, { url }: BatchedRequest): URL {
	const base = root.path === graphRoot.path ? '/beta' : root.path;
	const path = `/${url.replace(/^\//, '')}`;
	const isBelow = path.toLowerCase().startsWith(`${base}/`);
	return new URL(`${new URL(address).origin}${isBelow ? '' : base}${path}`);
}

function requestOf(batched: ApiRequest, each: BatchedRequest): HttpRequest {
	const headers = new Headers(each.headers);
	const token = batched.headers.get('authorization');
	headers.delete('authorization');
	if (token !== null) headers.set('authorization', token);
	const hasBody = each.body !== undefined && each.method !== 'GET';
	// The body was read with the batch: whatever charset it is said to have, it is sent on in UTF-8.
	if (hasBody && isJsonType(headers.get('content-type') ?? 'application/json'))
		headers.set('content-type', 'application/json');
	return new azureFunctions.HttpRequest({
		method: each.method,
		url: urlOf(batched, each).href,
		headers: Object.fromEntries(headers),
		...(hasBody ? { body: { string: JSON.stringify(each.body) } } : {}),
	});
}
