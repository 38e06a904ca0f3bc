import type { IncomingHttpHeaders } from 'node:http';

/** Hop-by-hop headers end here; the mark of the library comes back once, from this host. */
const droppedHeaders: ReadonlySet<string> = new Set([
	'x-ms-invocation-id',
	'transfer-encoding',
	'connection',
	'keep-alive',
]);

/** Those that Azure's web server spells in its own way; all others leave as the app's library has put them. */
const canonicalNames: ReadonlyMap<string, string> = new Map(
	[
		'Accept-Ranges',
		'Age',
		'Allow',
		'Cache-Control',
		'Content-Disposition',
		'Content-Encoding',
		'Content-Language',
		'Content-Length',
		'Content-Location',
		'Content-Range',
		'Content-Type',
		'Date',
		'ETag',
		'Expires',
		'Last-Modified',
		'Location',
		'Retry-After',
		'Set-Cookie',
		'Vary',
		'WWW-Authenticate',
	].map((name) => [name.toLowerCase(), name]),
);

export const serverHeaders = { Server: 'Kestrel' } as const;

/** The app's headers as they leave the host. */
export function responseHeaders(headers: IncomingHttpHeaders, invocationId: string): Record<string, string | string[]> {
	const sent: Record<string, string | string[]> = {};
	for (const [name, value] of Object.entries(headers)) {
		if (value !== undefined && !droppedHeaders.has(name)) sent[canonicalNames.get(name) ?? name] = value;
	}
	return { ...sent, ...serverHeaders, 'x-ms-invocation-id': invocationId };
}
