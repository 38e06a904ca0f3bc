import type { HttpResponseInit } from '@azure/functions';
import { SyncApiError } from '../../domain/errors.ts';
import type { BatchedRequest } from './batch-body.ts';

/** An answer as the batch has it. https://learn.microsoft.com/graph/json-batching#response-format */
export interface BatchedAnswer {
	id: string;
	status: number;
	headers: Readonly<Record<string, string>>;
	/** A text if the answer is no JSON, such as a count. */
	body?: unknown;
}

/** All answers wait in memory for the last one; beyond this nothing more is read. */
const maxAnswerBytes = 8_000_000;

export interface BatchWork {
	/** Answers, and never throws. */
	send(request: BatchedRequest): Promise<HttpResponseInit>;
	/** Answers with the error, and carries nothing out. */
	refuse(request: BatchedRequest, error: SyncApiError): Promise<HttpResponseInit>;
}

/** One after the other, so that a batch takes no more of this instance than a client that sends its requests in turn. */
export async function answerBatch(requests: readonly BatchedRequest[], work: BatchWork): Promise<BatchedAnswer[]> {
	const answers = new Map<string, BatchedAnswer>();
	let bytes = 0;
	for (const request of requests) {
		const error = failedDependency(request, answers) ?? (bytes > maxAnswerBytes ? tooMuch(request) : undefined);
		const response = error ? await work.refuse(request, error) : await sendUnlessFile(request, work);
		const answer = batchedAnswer(request.id, response);
		bytes += JSON.stringify(answer).length;
		answers.set(request.id, answer);
	}
	return [...answers.values()];
}

async function sendUnlessFile(request: BatchedRequest, work: BatchWork): Promise<HttpResponseInit> {
	const response = await work.send(request);
	const isFile = response.body !== undefined && response.body !== null && typeof response.body !== 'string';
	return isFile ? work.refuse(request, noFiles()) : response;
}

/** A file may be as large as an upload, and is no JSON. */
export const noFiles = () =>
	new SyncApiError('BadRequest', 'A file cannot be downloaded in a batch. Send this request by itself.');

function failedDependency(
	{ dependsOn }: BatchedRequest,
	answers: ReadonlyMap<string, BatchedAnswer>,
): SyncApiError | undefined {
	const failed = dependsOn.find((id) => (answers.get(id)?.status ?? 0) >= 400);
	if (failed === undefined) return undefined;
	const message = `The request was not sent, because the request ${JSON.stringify(failed)} that it depends on has failed.`;
	return new SyncApiError('FailedDependency', message);
}

/** What writes answers little, and is not left undone because of what was read before. */
function tooMuch({ method }: BatchedRequest): SyncApiError | undefined {
	if (method !== 'GET') return undefined;
	const message = `The answers of the batch have more than ${maxAnswerBytes} bytes already. Send this request by itself, or ask for smaller pages.`;
	return new SyncApiError('RequestEntityTooLarge', message);
}

function batchedAnswer(id: string, { status = 200, headers, jsonBody, body }: HttpResponseInit): BatchedAnswer {
	const shown = Object.entries((headers ?? {}) as Record<string, string>).map(([name, value]) => [
		written(name),
		value,
	]);
	const content = jsonBody ?? (typeof body === 'string' ? body : undefined);
	return { id, status, headers: Object.fromEntries(shown), ...(content === undefined ? {} : { body: content }) };
}

/** As Graph writes them: clients may look for them to the letter. */
const written = (name: string) =>
	/request-id$/.test(name)
		? name
		: name.replace(/(^|-)([a-z])/g, (_, dash, letter) => `${dash}${letter.toUpperCase()}`);
