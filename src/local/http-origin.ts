import type { IncomingMessage } from 'node:http';

/** The whole URL that the client used. Joined as text: a path that begins with `//` must not become the host. */
export function urlOf(request: IncomingMessage): string {
	return `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`;
}

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/**
 * True for a request that a web page of another site has caused. The host serves this machine without any login, so it
 * must not serve a page that reaches it through DNS rebinding (a foreign Host) or a cross-site form (a foreign Origin).
 */
export function isForeignRequest(request: IncomingMessage): boolean {
	const { host, origin } = request.headers;
	if (!LOOPBACK_HOST.test(host ?? '')) return true;
	return origin !== undefined && !LOOPBACK_HOST.test(origin.replace(/^https?:\/\//i, ''));
}
