import type { IncomingMessage } from 'node:http';

/** Azure's limit for request bodies (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT), in bytes. */
const maxBodyBytes = 104_857_600;

/** The whole body; rejects when it exceeds Azure's limit. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request) {
		size += chunk.length;
		if (size > maxBodyBytes) throw new Error(`Cannot read the body: it is longer than ${maxBodyBytes} bytes`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** True if the announced length exceeds Azure's limit; such a request is answered with 413 before it is read. */
export function isTooLong(request: IncomingMessage): boolean {
	return Number(request.headers['content-length'] ?? 0) > maxBodyBytes;
}
