import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { respond } from '../http/endpoint.ts';
import { addressOf } from '../wiring.ts';

/** What the API looks like holds no secret and no data, so it is open: tools load it before they have a token. */
export function openApi(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
	return respond(request, context, async () => {
		const { openApiDocument } = await import('../http/openapi/openapi.ts');
		return {
			jsonBody: openApiDocument(addressOf(new URL(request.url))),
			headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'public, max-age=3600' },
		};
	});
}

app.http('openApi', { methods: ['GET', 'HEAD'], route: 'openapi.json', authLevel: 'anonymous', handler: openApi });
