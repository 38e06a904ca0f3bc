import type { RegisteredFunction } from '../worker/worker-contract.ts';
import { compileRoute, matchRoute, type RouteTemplate } from './route-template.ts';

export interface MatchedRoute {
	target: RegisteredFunction;
	params: Record<string, string>;
}

/** Finds the function for a method and a path (as sent: still percent-encoded, without the query). */
export type Router = (method: string, path: string) => MatchedRoute | undefined;

interface Route {
	template: RouteTemplate;
	methods: Set<string>;
	target: RegisteredFunction;
}

/** Paths that belong to the host; an app that registers below them would never be called on Azure. */
const reservedRoute = /^(?:admin|runtime)(?:\/|$)/i;

/**
 * A method is part of a route: with the wrong one Azure answers 404, not 405, and so does this router. Of several routes that
 * fit, the one whose function's name comes first is taken, however unspecific it is: Azure adds routes in the order of names,
 * and asks them one after the other.
 */
export function createRouter(functions: readonly RegisteredFunction[], routePrefix: string): Router {
	const routes = functions
		.filter(({ trigger }) => trigger.type.toLowerCase() === 'httptrigger')
		.map((target) => toRoute(target, routePrefix))
		.sort((left, right) => compareNames(left.target.name, right.target.name));
	return (method, path) => {
		for (const { template, methods, target } of routes) {
			const params = methods.has(method) ? matchRoute(template, path) : undefined;
			if (params) return { target, params };
		}
		return undefined;
	};
}

/** As .NET compares without regard to case: by upper case letters, without the rules of any language. */
export function compareNames(left: string, right: string): number {
	const [first, second] = [left.toUpperCase(), right.toUpperCase()];
	return first < second ? -1 : Number(first > second);
}

function toRoute(target: RegisteredFunction, routePrefix: string): Route {
	const { route, methods } = target.trigger;
	const path = [routePrefix, typeof route === 'string' ? route : target.name].filter((part) => part !== '').join('/');
	if (reservedRoute.test(path)) {
		throw new Error(`Cannot serve function "${target.name}": its route "${path}" lies in a path reserved by the host`);
	}
	const names = Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : ['GET', 'POST'];
	return { template: compileRoute(path), methods: new Set(names), target };
}
