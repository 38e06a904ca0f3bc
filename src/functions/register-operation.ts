import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { type ApiHandler, endpoint } from '../http/endpoint.ts';
import type { Operation } from '../http/operations.ts';
import { access } from '../wiring.ts';

/** Registers one operation of the API under its own name. The tenant comes from the token, so the host asks for no key. */
export function registerOperation(operation: Operation, handler: ApiHandler): void {
	app.http(operation.name, {
		methods: [operation.method],
		authLevel: 'anonymous',
		route: operation.route,
		extraInputs: [df.input.durableClient()],
		handler: endpoint(operation, access, handler),
	});
}
