import { scopedContinuation } from '../odata/list-query.ts';
import { nextLink } from '../odata/lists/next-link.ts';
import type { ApiRequest } from '../requests/api-request.ts';
import type { JsonObject } from '../requests/request-body.ts';

/** The bodies of OData's JSON format. `type` is what follows the `#` of the context. */

/**
 * The media type of every JSON answer, errors too, to the letter as Graph has it. Without the charset Windows PowerShell 5.1 takes
 * the bytes for Latin-1. https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html#sec_RequestingtheJSONFormat
 */
export const odataJson =
	'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** `type` is that of Graph; roots that have no `education` in them have none in it. */
function contextOf({ address, root }: ApiRequest, type: string): string {
	const [, service = root.path, education] = /^(.*?)(\/education)?$/.exec(root.path) ?? [];
	return `${address}${service}/$metadata#${education ? type : type.replace(/^education\//, '')}`;
}

export function entityBody(request: ApiRequest, type: string, entity: object): Record<string, unknown> {
	return { '@odata.context': contextOf(request, type), ...entity };
}

export interface Collection {
	items: readonly JsonObject[];
	/** Of the whole collection; left out if it is not known. */
	count?: number | undefined;
	/** Opaque; absent on the last page. */
	continuation?: string | undefined;
}

/** With a link to the next page if there is one, in the dialect of the root that was asked. */
export function collectionBody(
	request: ApiRequest,
	type: string,
	{ items, count, continuation }: Collection,
): Record<string, unknown> {
	return {
		'@odata.context': contextOf(request, type),
		...(count === undefined ? {} : { '@odata.count': count }),
		value: items,
		...(continuation ? { '@odata.nextLink': nextLinkOf(request, request.url, continuation) } : {}),
	};
}

/** Where to go on from `url`, in the dialect of the root that was asked. */
export function nextLinkOf(request: ApiRequest, url: URL, continuation: string): string {
	const tokenName = request.root.dialect === 'graph' ? '$skiptoken' : 'skipToken';
	return nextLink(url, scopedContinuation(request, url, continuation), tokenName);
}

/** What `/$count` answers. https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html */
export function countBody(count: number) {
	return { headers: { 'content-type': 'text/plain' }, body: String(count) };
}

/** Where a profile, or what is below it, can be asked for: under the root that was asked. */
export function profileUrl({ address, root }: ApiRequest, profileId: string, below = ''): URL {
	return new URL(`${address}${root.path}/synchronizationProfiles/${profileId}${below}`);
}
