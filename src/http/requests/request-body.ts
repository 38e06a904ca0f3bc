import type { HttpRequest } from '@azure/functions';
import { apiErrors, SyncApiError } from '../../domain/errors.ts';

/** A profile is a few kilobytes. */
const maxBodyBytes = 1_000_000;

export type JsonObject = Readonly<Record<string, unknown>>;

/** Throws `SyncApiError`: 415 for another type or charset, 413 for too much, 400 for what is no JSON object. */
export async function readJsonObject(request: HttpRequest): Promise<JsonObject> {
	const charset = charsetOfJson(request.headers.get('content-type') ?? '');
	const decode = charset === undefined ? utf8 : decoderOf(charset);
	const body = parse(decode(await readBytes(request)));
	if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
	throw apiErrors.badRequest('The body must be a JSON object: {"displayName": …}.');
}

/** `application/json`, and what is JSON by its suffix. https://www.rfc-editor.org/rfc/rfc6839#section-3.1 */
const jsonType = /^application\/([\w.-]+\+)?json\s*(;|$)/i;
const charsetParameter = /;\s*charset\s*=\s*("([^"]*)"|[^\s;"]*)/i;

export const isJsonType = (contentType: string): boolean => jsonType.test(contentType.trim());

function charsetOfJson(contentType: string): string | undefined {
	if (!isJsonType(contentType))
		throw unsupported('The body must be JSON: send the header "Content-Type: application/json".');
	const [, plain, quoted] = charsetParameter.exec(contentType) ?? [];
	return (quoted ?? plain) || undefined;
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

/**
 * RFC 8259 allows UTF-8 only, and yet `Invoke-RestMethod` of Windows PowerShell sends a text in Latin-1; nothing is guessed where the
 * header does not say so. A byte order mark is left out.
 */
function utf8(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		throw apiErrors.badRequest(
			'The body is not valid UTF-8, and its Content-Type names no other charset. Send UTF-8, or name the charset: "Content-Type: application/json; charset=iso-8859-1".',
		);
	}
}

/** The charsets of https://encoding.spec.whatwg.org/#names-and-labels, by any of their names. */
function decoderOf(charset: string): (bytes: Uint8Array) => string {
	const shown = JSON.stringify(charset.slice(0, maxShownLength));
	const labelOf = (bytes: Uint8Array) => (isBigEndian(charset, bytes) ? 'utf-16be' : charset);
	const open = (bytes: Uint8Array) => {
		try {
			return new TextDecoder(labelOf(bytes), { fatal: true });
		} catch {
			throw unsupported(`The charset ${shown} of the Content-Type is not supported. Send the body in UTF-8.`);
		}
	};
	return (bytes) => {
		const decoder = open(bytes);
		try {
			return decoder.decode(bytes);
		} catch {
			throw apiErrors.badRequest(
				`The body is not valid in the charset ${shown} that its Content-Type names. Name the charset that it has.`,
			);
		}
	};
}

const maxShownLength = 40;

/** Without a mark "utf-16" is little-endian to browsers and to .NET, which writes it so; the mark of the other order counts. */
function isBigEndian(charset: string, [first, second]: Uint8Array): boolean {
	return /^utf-?16$/i.test(charset) && first === 0xfe && second === 0xff;
}

function unsupported(message: string): SyncApiError {
	return new SyncApiError('UnsupportedMediaType', message);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw apiErrors.badRequest('The body is not valid JSON. Check quotes, commas and braces.');
	}
}
