import type { z } from 'zod';
import { CannotRunError } from '../cannot-run.ts';
import { printable } from '../screen/wording.ts';
import type { TokenSource } from './access-token.ts';
import { errorBody } from './api-shapes.ts';
import type { SendRequest } from './send-request.ts';

export interface ApiCall {
	/** What is being done, for messages: "Cannot <action>: …". */
	action: string;
	/** Relative to `/beta/education`, or an absolute next link of the service. */
	path: string;
	method?: 'GET' | 'POST';
	body?: unknown;
	/** The ETag of what the request is about. */
	ifMatch?: string;
	/** Statuses besides 2xx that the caller deals with. */
	expect?: readonly number[];
}

export interface ApiAnswer {
	status: number;
	isOk: boolean;
	/** Undefined when the answer is not JSON. */
	body: unknown;
	/** What the service says about a status other than 2xx. */
	reason: string;
}

export interface ApiConnection {
	/** Without `/beta/education`. */
	baseUrl: string;
	send: SendRequest;
	getToken: TokenSource;
}

export type CallApi = (call: ApiCall) => Promise<ApiAnswer>;

/** Throws `CannotRunError` for every status that the call does not expect. */
export function createApiCaller(connection: ApiConnection): CallApi {
	return async (call) => {
		let response = await sendWithToken(call, connection, false);
		if (response.status === 401) response = await sendWithToken(call, connection, true);
		const answer = await readAnswer(response);
		if (answer.isOk || call.expect?.includes(answer.status)) return answer;
		const advice = adviceByStatus[answer.status];
		throw new CannotRunError(`Cannot ${call.action}: ${advice ? `${advice} (${answer.status})` : answer.reason}`);
	};
}

/** The body of a 2xx answer; anything of another shape means that some other service is answering. */
export function readShape<Shape extends z.ZodType>(call: ApiCall, answer: ApiAnswer, shape: Shape): z.infer<Shape> {
	const parsed = shape.safeParse(answer.body);
	if (parsed.success) return parsed.data;
	throw new CannotRunError(
		`Cannot ${call.action}: the answer is not one of School Data Sync. Check that --url is the base address of this service.`,
	);
}

const adviceByStatus: Readonly<Record<number, string>> = {
	401: 'the service refused the access token. Check that it was made for this service and tenant',
	403: 'the access token lacks a permission. Grant EduAdministration.ReadWrite.All to the application, or EduAdministration.ReadWrite to the user',
	404: 'there is nothing at this address. Check that --url is the base address of this service',
};

async function sendWithToken(call: ApiCall, connection: ApiConnection, isRejected: boolean): Promise<Response> {
	const headers: Record<string, string> = {
		Accept: 'application/json',
		Authorization: `Bearer ${await connection.getToken(isRejected)}`,
		// Without it Graph's contract hides the states "extracting" and "validating".
		Prefer: 'include-unknown-enum-members',
	};
	const { method = 'GET', body, ifMatch } = call;
	if (ifMatch !== undefined) headers['If-Match'] = ifMatch;
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	const url = resolveUrl(call, connection.baseUrl);
	return connection.send({ method, url, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

function resolveUrl({ action, path }: ApiCall, baseUrl: string): string {
	if (path.startsWith('/')) return `${baseUrl}/beta/education${path}`;
	// The token goes along, so a next link must not lead to another host.
	if (URL.parse(path)?.origin === new URL(baseUrl).origin) return path;
	throw new CannotRunError(
		`Cannot ${action}: the next page is not at "${baseUrl}". Use the address that the service knows.`,
	);
}

async function readAnswer(response: Response): Promise<ApiAnswer> {
	const { status, ok: isOk } = response;
	const text = await response.text();
	const body = parseJson(text);
	const error = errorBody.safeParse(body);
	const reason = error.success ? printable(error.data.error.message) : `the service answered ${status}`;
	return { status, isOk, body, reason: `${reason.replace(/\.$/, '')} (${status})` };
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
