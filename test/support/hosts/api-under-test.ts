import { buffer } from 'node:stream/consumers';
import { type HttpHandler, HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { z } from 'zod';
import type { OperationDoc } from '../../../src/http/openapi/operation-doc.ts';
import { operationDocs } from '../../../src/http/openapi/operation-docs.ts';
import { responseSchemas } from '../../../src/http/openapi/resource-schemas.ts';
import { operations } from '../../../src/http/operations.ts';
import { compareNames } from '../../../src/local/http/http-routes.ts';
import { compileRoute, matchRoute } from '../../../src/local/http/route-template.ts';
import type { Json } from '../requests/graph-client.ts';
import { otherTenant, ownTenant } from '../tenants.ts';
import { type DurableStandIn, startDurableStandIn } from './durable-stand-in.ts';
import { startTestStorage } from './test-storage.ts';
import { audience, goodClaims, newSigningKey, signToken, startTokenAuthority } from './token-authority.ts';

export const serviceUrl = 'https://sds.example.org';
export const profilesUrl = `${serviceUrl}/beta/education/synchronizationProfiles`;

export interface ApiAnswer {
	status: number;
	headers: Record<string, string>;
	body: Json;
	/** Of an answer that is no JSON. */
	text?: string;
}

export interface ApiCall {
	method?: string;
	body?: unknown;
	headers?: Record<string, string>;
	/** Of the token, in the place of those of a good one. */
	claims?: Record<string, unknown>;
	/** Instead of the good token. */
	spoilToken?: (token: string) => string;
}

/** The app's own handlers over real storage and real tokens; only the orchestrations do not run. */
export interface ApiUnderTest {
	durable: DurableStandIn;
	authority: string;
	/** By the name of the function. */
	handlers: Readonly<Record<string, HttpHandler>>;
	/** Lines of the functions' log, warnings and above. */
	log: string[];
	call(url: string, call?: ApiCall): Promise<ApiAnswer>;
	stop(): Promise<void>;
}

export async function startApi(): Promise<ApiUnderTest> {
	const key = await newSigningKey('current');
	const [storage, authority, durable] = await Promise.all([
		startTestStorage(),
		startTokenAuthority(key),
		startDurableStandIn(),
	]);
	Object.assign(process.env, {
		ROSTER_STORAGE: storage.azurite.connectionString,
		AUTH_AUTHORITY: authority.url,
		AUTH_AUDIENCE: audience,
		AUTH_TENANTS: `${ownTenant},${otherTenant}`,
		RATE_LIMIT_PER_MINUTE: '0',
		SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
	});
	const handlers = await loadHandlers();
	const log: string[] = [];
	return {
		durable,
		authority: authority.url,
		handlers,
		log,
		async call(url, { method = 'GET', body, headers = {}, claims = {}, spoilToken = (token: string) => token } = {}) {
			const { handler, name, params } = route(handlers, method, new URL(url).pathname);
			const token = await signToken({ ...goodClaims(authority.url), ...claims }, key);
			const isText = typeof body === 'string' || body === undefined;
			const request = new HttpRequest({
				method,
				url,
				params,
				headers: {
					authorization: `Bearer ${printable(spoilToken(token))}`,
					'content-type': 'application/json',
					...headers,
				},
				...(body === undefined ? {} : { body: { string: isText ? body : JSON.stringify(body) } }),
			});
			const answer = await answerOf((await handler(request, contextOf(name, { durable, log }))) as HttpResponseInit);
			requireDocumentedShape(name, url, answer);
			return answer;
		},
		async stop() {
			await Promise.all([storage.stop(), authority.stop(), durable.stop()]);
		},
	};
}

/** Every answer in the Graph dialect, whatever a test asks for, has the shape that the OpenAPI description gives it. */
function requireDocumentedShape(name: string, url: string, { status, body, text }: ApiAnswer): void {
	const options = [...new URL(url).searchParams.keys()].map((option) => option.toLowerCase().replace('$', ''));
	const isDescribed = name in operationDocs && !options.includes('select');
	if (status >= 400) z.union([responseSchemas.startRefusal, responseSchemas.odataError]).parse(body);
	else if (isDescribed) {
		const { success, offersCsv }: OperationDoc = operationDocs[name as keyof typeof operationDocs];
		if (success.status !== status) throw new Error(`${name} answered ${status} instead of ${success.status}.`);
		if (success.body === 'count') z.string().regex(/^\d+$/).parse(text);
		else if (success.body === 'report') z.string().startsWith('\ufeffFile,Line,').parse(text);
		else if (success.body === 'faultyRows') z.string().startsWith('\ufeffReport Run,').parse(text);
		else if (offersCsv && text !== undefined) z.string().startsWith('\ufeffOperation,').parse(text);
		else if (success.body) {
			responseSchemas[success.body].parse(body);
			// In the description it is optional, since the same objects stand in lists without it.
			if (success.body !== 'batchResponse') z.string().parse(body['@odata.context']);
		} else z.strictObject({}).parse(body);
	}
}

/** No client can send anything else in a header. */
const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?');

async function loadHandlers(): Promise<Record<string, HttpHandler>> {
	const files = await Promise.all([
		import('../../../src/functions/profiles.ts'),
		import('../../../src/functions/profile-actions.ts'),
		import('../../../src/functions/errors.ts'),
		import('../../../src/functions/audit.ts'),
		import('../../../src/functions/runs.ts'),
		import('../../../src/functions/trace.ts'),
		import('../../../src/functions/batch.ts'),
		import('../../../src/functions/directory.ts'),
		import('../../../src/functions/registration/other-spellings.ts'),
	]);
	return Object.assign({}, ...files) as Record<string, HttpHandler>;
}

const routes = [
	...Object.values(operations).map(({ name, method, route: path }) => ({ name, method, template: compileRoute(path) })),
	{ name: 'zOtherSpellings', method: undefined, template: compileRoute('{*path}') },
].sort((left, right) => compareNames(left.name, right.name));

/** Whether the host hands the request to the app at all; a path with empty segments it answers by itself. */
export const isRouted = (url: string) => matchRoute(compileRoute('{*path}'), new URL(url).pathname) !== undefined;

/** As the host routes: in the order of names, and the wrong method is no match. */
function route(handlers: Readonly<Record<string, HttpHandler>>, method: string, path: string) {
	const asked = method === 'HEAD' ? 'GET' : method;
	for (const { name, method: served = asked, template } of routes) {
		const params = served === asked ? matchRoute(template, path) : undefined;
		const handler = handlers[name];
		if (params && handler) return { name, handler, params };
	}
	throw new Error(`Nothing is registered for ${method} ${path}.`);
}

function contextOf(functionName: string, { durable, log }: Pick<ApiUnderTest, 'durable' | 'log'>): InvocationContext {
	const client = df.input.durableClient();
	const context = new InvocationContext({
		functionName,
		options: { extraInputs: [client] },
		logHandler: (level, ...parts) => {
			if (level !== 'information') log.push(parts.join(' '));
		},
	});
	context.extraInputs.set(client, durable.clientData);
	return context;
}

async function answerOf({ status = 200, headers = {}, jsonBody = {}, body }: HttpResponseInit): Promise<ApiAnswer> {
	const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
	const flown = isStream ? await buffer(body as AsyncIterable<Uint8Array>) : body;
	// What JSON cannot say must not be asserted either.
	return {
		status,
		headers: headers as Record<string, string>,
		body: JSON.parse(JSON.stringify(jsonBody)) as Json,
		...(typeof flown === 'string' ? { text: flown } : {}),
		...(flown instanceof Uint8Array ? { text: Buffer.from(flown).toString('utf8') } : {}),
	};
}
