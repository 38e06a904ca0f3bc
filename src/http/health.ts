import type { HttpHandler, InvocationContext } from '@azure/functions';
import { logFailure, respond } from './endpoint.ts';
import { type FrontDoor, requirePermission } from './requests/access.ts';

const headers = { 'content-type': 'application/json; charset=utf-8' };

/** The app runs: it says nothing of what the app needs, so that no outage of storage makes a monitor restart it. */
export const liveEndpoint: HttpHandler = (request, context) =>
	respond(request, context, async () => ({ jsonBody: { status: 'live' }, headers }));

interface Check {
	name: string;
	isReady: boolean;
	error?: unknown;
}

interface Asking {
	/** Both throw while settings are wrong. */
	access: () => FrontDoor;
	check: (context: InvocationContext, report: (check: Check) => void) => Promise<{ checks: readonly Check[] }>;
}

/**
 * Whether the app can serve: 200 or 503. Which part cannot is for callers who may read profiles, and why not for the log; strangers
 * learn yes or no.
 */
export function readyEndpoint({ access, check }: Asking): HttpHandler {
	return (request, context) =>
		respond(request, context, async () => {
			const checks = await allChecks(context, check);
			const isReady = checks.every((each) => each.isReady);
			const detail = (await mayKnow(access, request.headers.get('authorization'))) ? { checks: checks.map(shown) } : {};
			return { status: isReady ? 200 : 503, jsonBody: { status: statusOf(isReady), ...detail }, headers };
		});
}

const statusOf = (isReady: boolean) => (isReady ? 'ready' : 'notReady');
const shown = ({ name, isReady }: Check) => ({ name, status: statusOf(isReady) });

async function allChecks(context: InvocationContext, check: Asking['check']): Promise<readonly Check[]> {
	const report = ({ name, isReady, error }: Check) => {
		if (!isReady) logFailure(context, error, name);
	};
	try {
		return (await check(context, report)).checks;
	} catch (error) {
		const settings = { name: 'settings', isReady: false, error };
		report(settings);
		return [settings];
	}
}

async function mayKnow(access: () => FrontDoor, authorization: string | null): Promise<boolean> {
	try {
		requirePermission(await access().authenticate(authorization), 'read');
		return true;
	} catch {
		return false;
	}
}
