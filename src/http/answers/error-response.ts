import type { HttpResponseInit } from '@azure/functions';
import { type ErrorCode, SyncApiError } from '../../domain/errors.ts';

/** The HTTP status of every error code. */
const statuses = {
	BadRequest: 400,
	ValidationFailed: 400,
	NotSupported: 400,
	InvalidAuthenticationToken: 401,
	Forbidden: 403,
	ResourceNotFound: 404,
	MethodNotAllowed: 405,
	NotAcceptable: 406,
	Conflict: 409,
	PreconditionFailed: 412,
	RequestEntityTooLarge: 413,
	UnsupportedMediaType: 415,
	FailedDependency: 424,
	TooManyRequests: 429,
	InternalServerError: 500,
	ServiceUnavailable: 503,
} as const satisfies Record<ErrorCode, number>;

export interface RequestIds {
	requestId: string;
	/** As the client sent it. */
	clientRequestId?: string;
	/** Time of the request. */
	date: Date;
}

/** Graph's error body. https://learn.microsoft.com/graph/errors */
export function errorResponse(error: unknown, ids: RequestIds): HttpResponseInit {
	const known =
		error instanceof SyncApiError
			? error
			: new SyncApiError(
					'InternalServerError',
					`Something went wrong on our side. Try again; if it stays so, report request-id "${ids.requestId}".`,
				);
	const { details = [], body = {}, headers = {} } = known.extras;
	return {
		status: statuses[known.code],
		headers: { ...headers },
		jsonBody: {
			error: {
				code: known.code,
				message: known.message,
				...(details.length > 0 ? { details } : {}),
				innerError: {
					date: ids.date.toISOString().slice(0, 19),
					'request-id': ids.requestId,
					...(ids.clientRequestId ? { 'client-request-id': ids.clientRequestId } : {}),
				},
			},
			...body,
		},
	};
}
