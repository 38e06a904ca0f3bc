import { actionOf, type GraphAnswer, type GraphRequest } from './graph-request.ts';

/** What Graph says is wrong. https://learn.microsoft.com/graph/errors */
export interface GraphFault {
	code: string;
	message: string;
	/** Which properties, and what is wrong with each. */
	details: readonly { target: string; code: string }[];
}

export function faultOf({ body }: GraphAnswer): GraphFault {
	const { error } = (body ?? {}) as { error?: Record<string, unknown> };
	const details = Array.isArray(error?.details) ? error.details : [];
	return {
		code: textOf(error?.code),
		message: textOf(error?.message),
		details: details.map((each: Record<string, unknown> | null) => ({
			target: textOf(each?.target),
			code: textOf(each?.code),
		})),
	};
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** The directory is out of reach, or refuses everything. Tells no name, filter or token. */
export class GraphUnavailableError extends Error {
	constructor(request: GraphRequest, why: string) {
		super(
			`Cannot reach the directory: "${actionOf(request)}" ${why}. Check Microsoft Graph's health, then start again.`,
		);
		this.name = 'GraphUnavailableError';
	}
}

/** Whoever asked may not write any more; what had been sent has been given up. */
export class GraphDeadlineError extends Error {
	constructor() {
		super('Cannot write to the directory: the deadline has come. What was written so far stays.');
		this.name = 'GraphDeadlineError';
	}
}
