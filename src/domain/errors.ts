/**
 * Every way in which a request can fail, by the code that Graph clients switch on.
 * `http/answers/error-response.ts` owns the HTTP status of each.
 */
export type ErrorCode =
	| 'BadRequest'
	| 'ValidationFailed'
	| 'InvalidAuthenticationToken'
	| 'Forbidden'
	| 'ResourceNotFound'
	| 'MethodNotAllowed'
	| 'NotAcceptable'
	| 'Conflict'
	| 'PreconditionFailed'
	| 'RequestEntityTooLarge'
	| 'UnsupportedMediaType'
	| 'FailedDependency'
	| 'TooManyRequests'
	| 'NotSupported'
	| 'InternalServerError'
	| 'ServiceUnavailable';

/** One cause among several: `target` is the path of the offending member, as in `dataProvider/connectionUrl`. */
export interface ErrorDetail {
	code: string;
	message: string;
	target?: string;
}

export interface ErrorExtras {
	details?: readonly ErrorDetail[];
	/** Members that stand beside `error` in the body, as the verification messages of a refused start do. */
	body?: Readonly<Record<string, unknown>>;
	headers?: Readonly<Record<string, string>>;
}

/** The one error that services throw on purpose; its message is shown to the caller, so it holds no personal data. */
export class SyncApiError extends Error {
	readonly code: ErrorCode;
	readonly extras: ErrorExtras;

	constructor(code: ErrorCode, message: string, extras: ErrorExtras = {}) {
		super(message);
		this.name = 'SyncApiError';
		this.code = code;
		this.extras = extras;
	}
}

/** Another request has taken the profile over, and goes on with it in its own way. */
export class OvertakenError extends SyncApiError {
	constructor(action: string, profileId: string) {
		super(
			'Conflict',
			`Cannot ${action} profile "${profileId}": another request changed it at the same time. Try again.`,
			{ headers: { 'Retry-After': '1' } },
		);
	}
}

export const apiErrors = {
	badRequest: (message: string, details: readonly ErrorDetail[] = []) =>
		new SyncApiError('BadRequest', message, { details }),
	profileNotFound: (id: string) =>
		new SyncApiError(
			'ResourceNotFound',
			`Synchronization profile "${id}" does not exist. List the profiles for valid ids.`,
		),
	runNotFound: (id: string) =>
		new SyncApiError('ResourceNotFound', `Run "${id}" does not exist. List the profile's runs for valid ids.`),
	/** `present` and `wanted` are members of the state or status enum. */
	wrongState: (action: string, id: string, states: { property: 'state' | 'status'; present: string; wanted: string }) =>
		new SyncApiError(
			'Conflict',
			`Cannot ${action} profile "${id}": its ${states.property} is "${states.present}", and it must be ${states.wanted}.`,
		),
	changedMeanwhile: (action: string, id: string) => new OvertakenError(action, id),
} as const;
