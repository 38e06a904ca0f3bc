import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { addressOf } from '../wiring.ts';

/** What the API looks like holds no secret and no data, so it is open: tools load it before they have a token. */
export async function openApi(request: HttpRequest): Promise<HttpResponseInit> {
	const { openApiDocument } = await import('../http/openapi.ts');
	return {
		jsonBody: openApiDocument(addressOf(new URL(request.url))),
		headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=3600' },
	};
}

app.http('openApi', { methods: ['GET'], route: 'openapi.json', authLevel: 'anonymous', handler: openApi });
