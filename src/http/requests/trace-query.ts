import { apiErrors } from '../../domain/errors.ts';
import type { TraceQuery } from '../../services/trace/trace.ts';

/** As long as a SIS id or a username can be, with its domain. */
const maxLength = 256;

/** By whom a trace is asked for. The names are ours, and known in any case as the options of OData are. Throws `SyncApiError` (400). */
export function readTraceQuery(params: URLSearchParams): TraceQuery {
	const user = optionOf(params, 'user');
	const section = optionOf(params, 'class');
	return { ...(user === undefined ? {} : { user }), ...(section === undefined ? {} : { section }) };
}

function optionOf(params: URLSearchParams, name: string): string | undefined {
	const [value, ...others] = [...params].flatMap(([each, text]) => (each.toLowerCase() === name ? [text.trim()] : []));
	if (others.length > 0)
		throw apiErrors.badRequest(`Cannot trace: "${name}" is there more than once. Ask for one at a time.`);
	if (value !== undefined && value.length > maxLength)
		throw apiErrors.badRequest(
			`Cannot trace: "${name}" has ${value.length} characters, and it may have at most ${maxLength}.`,
		);
	return value === '' ? undefined : value;
}
