import type { WebHandler } from './web-request.ts';

export interface AdminActions {
	/** Starts one run of the timer function; false when the app has no timer function of that name. */
	runTimer(name: string): boolean;
}

const RUN_FUNCTION = /^\/admin\/functions\/([^/]+)$/i;

/** The part of Azure's admin API that development needs: `ping`, and the manual run of a timer (202, not awaited). */
export function createAdminApi(actions: AdminActions): WebHandler {
	return (request) => {
		const { pathname } = new URL(request.url);
		if (pathname.toLowerCase() === '/admin/host/ping') return new Response(null, { status: 200 });
		const name = RUN_FUNCTION.exec(pathname)?.[1];
		if (name === undefined || request.method !== 'POST') return new Response(null, { status: 404 });
		return new Response(null, { status: actions.runTimer(decodeURIComponent(name)) ? 202 : 404 });
	};
}
