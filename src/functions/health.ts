import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { requirePermission } from '../http/access.ts';
import { logFailure, respond } from '../http/endpoint.ts';
import type { Readiness } from '../services/readiness.ts';
import { access, readinessOf, requireSettings } from '../wiring.ts';

const json = 'application/json; charset=utf-8';

/** The app runs: it says nothing of what the app needs, so that no outage of storage makes a monitor restart it. */
export function health(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
	return respond(request, context, async () => ({ jsonBody: { status: 'live' }, headers: { 'content-type': json } }));
}

/** Whether the app can serve. Which part cannot is for callers who may read profiles; strangers learn yes or no. */
export function healthReady(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
	return respond(request, context, async () => {
		const readiness = await lastReadiness(context);
		const detail = (await mayKnow(request)) ? { checks: readiness.checks.map(shown) } : {};
		return {
			status: readiness.isReady ? 200 : 503,
			jsonBody: { status: readiness.isReady ? 'ready' : 'notReady', ...detail },
			headers: { 'content-type': json },
		};
	});
}

const shown = ({ name, isReady }: Readiness['checks'][number]) => ({ name, status: isReady ? 'ready' : 'notReady' });

const keptMs = 5_000;
let last: { at: number; answer: Promise<Readiness> } | undefined;

/** Kept for a moment, since anybody may ask, however often. */
function lastReadiness(context: InvocationContext): Promise<Readiness> {
	const now = Date.now();
	if (!last || now - last.at >= keptMs) last = { at: now, answer: checked(context) };
	return last.answer;
}

async function checked(context: InvocationContext): Promise<Readiness> {
	try {
		const readiness = await readinessOf(context);
		for (const { name, isReady, error } of readiness.checks) if (!isReady) logFailure(context, error, name);
		return readiness;
	} catch (error) {
		logFailure(context, error, 'settings');
		return { isReady: false, checks: [{ name: 'settings', isReady: false }] };
	}
}

async function mayKnow(request: HttpRequest): Promise<boolean> {
	try {
		requirePermission(await access().authenticate(request.headers.get('authorization')), 'read');
		return true;
	} catch {
		return false;
	}
}

const extraInputs = [df.input.durableClient()];
const shared = { methods: ['GET', 'HEAD'] as ('GET' | 'HEAD')[], authLevel: 'anonymous' as const };

app.http('health', { ...shared, route: 'health', handler: health });
app.http('healthReady', { ...shared, route: 'health/ready', extraInputs, handler: healthReady });

// Wrong settings are said at once, not by the first client's request.
app.hook.appStart(() => {
	try {
		requireSettings();
	} catch (error) {
		console.error(error instanceof Error ? error.message : String(error));
	}
});
