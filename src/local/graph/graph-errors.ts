/** What is wrong with one property of a request. */
export interface ErrorDetail {
	code: 'ObjectConflict' | 'InvalidValue' | 'InvalidLength' | 'MissingValue';
	target: string;
	message: string;
}

interface Refusal {
	status: number;
	code: string;
	message: string;
	details?: readonly ErrorDetail[];
	headers?: Record<string, string>;
}

/** A request that Graph refuses, with what its answer says. */
export class GraphError extends Error {
	readonly status: number;
	readonly code: string;
	readonly details: readonly ErrorDetail[];
	readonly headers: Record<string, string>;

	constructor({ status, code, message, details = [], headers = {} }: Refusal) {
		super(message);
		this.status = status;
		this.code = code;
		this.details = details;
		this.headers = headers;
	}
}

function badRequest(message: string, details: readonly ErrorDetail[] = []): GraphError {
	return new GraphError({ status: 400, code: 'Request_BadRequest', message, details });
}

function badProperty(code: ErrorDetail['code'], target: string, message: string): GraphError {
	return badRequest(message, [{ code, target, message }]);
}

/** The refusals that clients tell apart: by status, code and details, and two of them by their words. */
export const graphErrors = {
	badRequest,
	invalidValue: (property: string, resource: string) =>
		badProperty(
			'InvalidValue',
			property,
			`Invalid value specified for property '${property}' of resource '${resource}'.`,
		),
	tooLong: (property: string, { resource, maxLength }: { resource: string; maxLength: number }) =>
		badProperty(
			'InvalidLength',
			property,
			`The value of property '${property}' of resource '${resource}' is longer than ${maxLength} characters.`,
		),
	missingValue: (property: string, resource: string) =>
		badProperty('MissingValue', property, `A value is required for property '${property}' of resource '${resource}'.`),
	conflict: (property: string) =>
		badProperty(
			'ObjectConflict',
			property,
			`Another object with the same value for property ${property} already exists.`,
		),
	unknownProperty: (property: string, resource: string) =>
		badRequest(`Property '${property}' does not exist as a declared property of resource '${resource}'.`),
	referencesExist: (relation: string) =>
		badRequest(
			`One or more added object references already exist for the following modified properties: '${relation}'.`,
		),
	conflictingObject: () =>
		badRequest('A conflicting object with one or more of the specified property values is present in the directory.'),
	tooManyLinks: (maxLinks: number) =>
		badRequest(`A resource cannot contain more than ${maxLinks} link changes in one request.`),
	quotaExceeded: () =>
		new GraphError({
			status: 400,
			code: 'Directory_QuotaExceeded',
			message: 'The directory object quota limit for the tenant has been exceeded.',
		}),
	notFound: (id: string) =>
		new GraphError({
			status: 404,
			code: 'Request_ResourceNotFound',
			message: `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
		}),
	unknownPath: (path: string) =>
		new GraphError({ status: 400, code: 'BadRequest', message: `Resource not found for the path '${path}'.` }),
	methodNotAllowed: () =>
		new GraphError({
			status: 405,
			code: 'Request_BadRequest',
			message: 'The HTTP method is not allowed for this target.',
		}),
	unsupportedQuery: (message: string) => new GraphError({ status: 400, code: 'Request_UnsupportedQuery', message }),
	denied: () =>
		new GraphError({
			status: 403,
			code: 'Authorization_RequestDenied',
			message: 'Insufficient privileges to complete the operation.',
		}),
	unauthenticated: (message: string) =>
		new GraphError({
			status: 401,
			code: 'InvalidAuthenticationToken',
			message,
			headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
		}),
	tooManyRequests: (headers: Record<string, string>) =>
		new GraphError({ status: 429, code: 'TooManyRequests', message: 'Too many requests.', headers }),
	unavailable: () =>
		new GraphError({ status: 503, code: 'serviceNotAvailable', message: 'The service is not available for now.' }),
	internal: (message: string) => new GraphError({ status: 500, code: 'InternalServerError', message }),
	timedOut: () => new GraphError({ status: 504, code: 'UnknownError', message: 'The request timed out.' }),
	failedDependency: () =>
		new GraphError({
			status: 424,
			code: 'FailedDependency',
			message: 'A request that this one depends on has failed.',
		}),
	malformed: (message: string) => new GraphError({ status: 400, code: 'BadRequest', message }),
};
