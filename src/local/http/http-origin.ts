import type { IncomingMessage } from 'node:http';

/** The whole URL that the client used. Joined as text: a path that begins with `//` must not become the host. */
export function urlOf(request: IncomingMessage): string {
	return `http://${request.headers.host ?? '127.0.0.1'}${request.url ?? '/'}`;
}

/**
 * True for a path and a query in visible ASCII, in which form every client asks a server that is no proxy. An absolute URI, or
 * raw characters beyond ASCII, no host takes.
 */
export function hasOriginForm({ url = '' }: IncomingMessage): boolean {
	return /^\/[\x21-\x7e]*$/.test(url);
}

const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i;

/**
 * True for a request that a web page of another site has caused. The host serves this machine without any login, so it
 * must not serve a page that reaches it through DNS rebinding (a foreign Host) or a cross-site form (a foreign Origin).
 * Azure's host lets both through: it is no program on somebody's desk.
 */
export function isForeignRequest(request: IncomingMessage): boolean {
	const { host, origin } = request.headers;
	if (!loopbackHost.test(host ?? '')) return true;
	return origin !== undefined && !loopbackHost.test(origin.replace(/^https?:\/\//i, ''));
}
