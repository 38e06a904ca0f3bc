import type { Page } from '../ports.ts';
import type { ApiRequest } from './endpoint.ts';
import { nextLink } from './paging.ts';

/** The bodies of OData's JSON format. `type` is what follows the `#` of the context. */

function contextOf({ url }: ApiRequest, type: string): string {
	return `${url.origin}/beta/$metadata#${type}`;
}

export function entityBody(request: ApiRequest, type: string, entity: object): Record<string, unknown> {
	return { '@odata.context': contextOf(request, type), ...entity };
}

export interface Collection<T> {
	type: string;
	page: Page<T>;
	/** Of the whole collection; left out if it is not known. */
	count?: number | undefined;
	toJson: (item: T) => unknown;
}

/** With a link to the next page if there is one. */
export function collectionBody<T>(
	request: ApiRequest,
	{ type, page, count, toJson }: Collection<T>,
): Record<string, unknown> {
	return {
		'@odata.context': contextOf(request, type),
		...(count === undefined ? {} : { '@odata.count': count }),
		value: page.items.map(toJson),
		...(page.continuation ? { '@odata.nextLink': nextLink(request.url, page.continuation) } : {}),
	};
}
