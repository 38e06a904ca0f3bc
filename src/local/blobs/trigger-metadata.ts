import type { IncomingHttpHeaders } from 'node:http';
import type { TypedData } from '../worker/worker-contract.ts';

export interface RequestParts {
	/** Absent for a chunked body, which the host does not read. */
	body?: Uint8Array;
	query: URLSearchParams;
	params: Readonly<Record<string, string>>;
	headers: IncomingHttpHeaders;
}

/** The host's own key of a function; Azure never binds it. */
const systemOption = 'code';

/**
 * What Azure's host knows of a request besides the request itself: members of its JSON body, then query options, then the
 * route's parameters, each in place of an earlier one of the same name. Names are compared without regard to case, and the
 * first spelling stays. Query and headers come last, and only where nothing else has their name.
 * https://github.com/Azure/azure-webjobs-sdk-extensions (`HttpTriggerAttributeBindingProvider.GetRequestBindingDataAsync`)
 */
export function triggerMetadata({ body, query, params, headers }: RequestParts): Record<string, TypedData> {
	const found = new Map<string, [name: string, data: TypedData]>();
	const put = (name: string, data: TypedData) => {
		const key = name.toUpperCase();
		found.set(key, [found.get(key)?.[0] ?? name, data]);
	};
	const options = new Map<string, string>();
	for (const [name, value] of query) options.set(name, options.has(name) ? `${options.get(name)},${value}` : value);
	for (const [name, value] of Object.entries(readMembers(body))) {
		const data = memberData(value);
		if (data) put(name, data);
	}
	for (const [name, string] of options) if (name.toLowerCase() !== systemOption) put(name, { string });
	for (const [name, string] of Object.entries(params)) put(name, { string });
	if (!found.has('QUERY')) put('Query', { json: JSON.stringify(Object.fromEntries(options)) });
	if (!found.has('HEADERS')) put('Headers', { json: JSON.stringify(headers) });
	return Object.fromEntries(found.values());
}

/** None of a body that is no JSON object: that is no error. */
function readMembers(body: Uint8Array | undefined): object {
	if (body === undefined) return {};
	try {
		const value: unknown = JSON.parse(new TextDecoder().decode(body));
		return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
	} catch {
		return {};
	}
}

/** Every value but an object or a list is a text there, as .NET writes it. */
function memberData(value: unknown): TypedData | undefined {
	if (value === null) return undefined;
	if (typeof value === 'object') return { json: JSON.stringify(value) };
	if (typeof value === 'boolean') return { string: value ? 'True' : 'False' };
	return { string: String(value) };
}
