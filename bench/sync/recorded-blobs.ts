import { Agent, type IncomingMessage, request } from 'node:http';
import { startLoopbackServer } from '../../test/support/telemetry/loopback-server.ts';

/** A blob as it was written, once or more often. */
export interface BlobWrite {
	name: string;
	bytes: number;
}

export interface BlobRecorder {
	/** Of the same storage, by way of this recorder. */
	connectionString: string;
	writes: readonly BlobWrite[];
	stop(): Promise<void>;
}

const blobEndpoint = /BlobEndpoint=([^;]+)/;

/**
 * Stands between a program and the blobs of its storage, and notes what is written to one container: what a sync has deleted at its
 * end cannot be looked up any more. What storage itself copies is no write.
 */
export async function recordBlobs(connectionString: string, container: string): Promise<BlobRecorder> {
	const [, endpoint = ''] = blobEndpoint.exec(connectionString) ?? [];
	const { hostname, port, pathname } = new URL(endpoint);
	const agent = new Agent({ keepAlive: true });
	const { writes, note } = blobNotes(`${pathname}/${container}/`);
	const server = await startLoopbackServer((incoming, response) => {
		const { method, headers, url: path } = incoming;
		note(incoming);
		const onward = request({ hostname, port, method, path, headers, agent }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		onward.on('error', () => response.destroy());
		incoming.pipe(onward);
	});
	return {
		connectionString: connectionString.replace(blobEndpoint, `BlobEndpoint=${server.url}${pathname}`),
		writes,
		async stop() {
			await server.stop();
			agent.destroy();
		},
	};
}

function blobNotes(prefix: string) {
	const writes: BlobWrite[] = [];
	const staged = new Map<string, number>();
	const note = ({ method, headers, url = '' }: IncomingMessage): void => {
		const { pathname, searchParams } = new URL(url, 'http://localhost');
		if (method !== 'PUT' || !pathname.startsWith(prefix) || headers['x-ms-copy-source']) return;
		const name = decodeURIComponent(pathname.slice(prefix.length));
		const bytes = Number(headers['content-length'] ?? 0);
		const part = searchParams.get('comp');
		if (part === 'block') staged.set(name, (staged.get(name) ?? 0) + bytes);
		else if (part === 'blocklist') {
			writes.push({ name, bytes: staged.get(name) ?? 0 });
			staged.delete(name);
		} else if (part === null) writes.push({ name, bytes });
	};
	return { writes, note };
}
