import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import * as df from 'durable-functions';
import { type ApiHandler, answer, endpoint, type Target } from '../../http/endpoint.ts';
import type { Operation } from '../../http/operations.ts';
import { findOperation } from '../../http/requests/addressing.ts';
import { access } from '../../wiring.ts';

const handlers = new Map<Operation, ApiHandler>();

function register(name: string, at: { methods: HttpMethod[]; route: string }, handler: HttpHandler): HttpHandler {
	// The tenant comes from the token, so the host asks for no key.
	app.http(name, { ...at, authLevel: 'anonymous', extraInputs: [df.input.durableClient()], handler });
	return handler;
}

/** Registers one operation of the API under its own name. */
export function registerOperation(operation: Operation, handler: ApiHandler): HttpHandler {
	const { name, method, route } = operation;
	handlers.set(operation, handler);
	return register(name, { methods: methodsOf(method), route }, endpoint(operation, access, handler));
}

/** What can be read can be asked for without its body, which the platform leaves out by itself. */
function methodsOf(method: Operation['method']): HttpMethod[] {
	return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

const allMethods: HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Registers a route that serves every other spelling of the operations, and says of the rest that it is not there. */
export function registerOtherSpellings(name: string, route: string): HttpHandler {
	return register(name, { methods: allMethods, route }, (request, context) =>
		answer(request, context, {
			access,
			find: () => targetOf(request.method, new URL(request.url).pathname),
		}),
	);
}

/** What serves a path, in any of its spellings. Throws as `findOperation` does. */
export function targetOf(method: string, path: string): Target {
	const found = findOperation(method, path);
	const handler = handlers.get(found.operation);
	if (!handler) throw new Error(`The operation "${found.operation.name}" is not registered.`);
	return { ...found, handler };
}
