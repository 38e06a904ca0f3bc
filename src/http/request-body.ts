import type { HttpRequest } from '@azure/functions';
import { apiErrors, SyncApiError } from '../domain/errors.ts';

/** A profile is a few kilobytes. */
const maxBodyBytes = 1_000_000;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Throws `SyncApiError`: 415 for another type, 413 for too much, 400 for what is no JSON object. */
export async function readJsonObject(request: HttpRequest): Promise<JsonObject> {
	const contentType = request.headers.get('content-type') ?? '';
	if (!/^application\/json\b/i.test(contentType.trim())) {
		throw new SyncApiError(
			'UnsupportedMediaType',
			'The body must be JSON: send the header "Content-Type: application/json".',
		);
	}
	const body = parse(await readBytes(request));
	if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
	throw apiErrors.badRequest('The body must be a JSON object: {"displayName": …}.');
}

async function readBytes(request: HttpRequest): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of request.body ?? []) {
		bytes += (chunk as Uint8Array).length;
		if (bytes <= maxBodyBytes) chunks.push(chunk as Uint8Array);
	}
	if (bytes > maxBodyBytes) {
		throw new SyncApiError('RequestEntityTooLarge', `The body must not be longer than ${maxBodyBytes} bytes.`);
	}
	return Buffer.concat(chunks);
}

/**
 * Reads away a body that nobody wanted. In streaming mode the rest of it would stand in front of the next request on the same
 * connection, which then breaks; the platform limits bodies to 100 MB.
 */
export async function discardBody(request: HttpRequest): Promise<void> {
	if (!request.body || request.bodyUsed) return;
	for await (const _ of request.body) {
		// Nothing is kept.
	}
}

function parse(bytes: Uint8Array): unknown {
	try {
		// It leaves out a byte order mark.
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		throw apiErrors.badRequest('The body is not valid JSON in UTF-8. Check quotes, commas and braces.');
	}
}
