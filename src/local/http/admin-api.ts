import type { WebHandler } from './web-request.ts';

export interface AdminActions {
	/** Starts one run of the timer function; false when the app has no timer function of that name. */
	runTimer(name: string): boolean;
}

const pingPath = /^\/admin\/host\/ping\/?$/i;
const runFunctionPath = /^\/admin\/functions\/([^/]+)$/i;

/** Whether it is one of the few endpoints below; all others that Azure has are absent, and so reach the app. */
export function isAdminEndpoint(method: string, path: string): boolean {
	return pingPath.test(path) || (method === 'POST' && runFunctionPath.test(path));
}

/** The part of Azure's admin API that development needs: `ping`, and the manual run of a timer (202, not awaited). */
export function createAdminApi(actions: AdminActions): WebHandler {
	return (request) => {
		const { pathname } = new URL(request.url);
		if (pingPath.test(pathname)) return new Response(null, { status: 200 });
		const name = decode(runFunctionPath.exec(pathname)?.[1] ?? '');
		if (name === undefined) return new Response(null, { status: 400 });
		return new Response(null, { status: actions.runTimer(name) ? 202 : 404 });
	};
}

/** Undefined for text whose escapes are no UTF-8. */
function decode(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}
