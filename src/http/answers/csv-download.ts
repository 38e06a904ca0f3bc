import type { HttpResponseInit } from '@azure/functions';
import { SyncApiError } from '../../domain/errors.ts';
import { outage } from '../endpoint.ts';

/** Findings are a sample of bounded size, and so are the rows that have some: what is larger was not made by verification. */
const maxDownloadBytes = 64_000_000;

/**
 * An answer that browsers save as a file. It is read whole first: an answer that breaks off in the middle would keep its client
 * waiting for minutes. The chunks may be reused by whoever yields them. Throws `SyncApiError` if they cannot be read.
 */
export async function csvDownload(fileName: string, chunks: AsyncIterable<Uint8Array>): Promise<HttpResponseInit> {
	return { headers: headersOf(fileName), body: await readWhole(chunks) };
}

/** The same for what may be long: it flows, and so must come to its end by itself. */
export function csvStream(
	fileName: string,
	chunks: AsyncIterable<Uint8Array>,
	headers: Readonly<Record<string, string>>,
): HttpResponseInit {
	return { headers: { ...headersOf(fileName), ...headers }, body: chunks };
}

const headersOf = (fileName: string) => ({
	'content-type': 'text/csv; charset=utf-8',
	'content-disposition': `attachment; filename="${fileName}"`,
	'x-content-type-options': 'nosniff',
});

async function readWhole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let bytes = 0;
	try {
		for await (const chunk of chunks) {
			bytes += chunk.length;
			if (bytes > maxDownloadBytes) break;
			parts.push(Uint8Array.from(chunk));
		}
	} catch (error) {
		throw outage(error);
	}
	if (bytes <= maxDownloadBytes) return Buffer.concat(parts);
	throw new SyncApiError(
		'NotSupported',
		`The file is longer than ${maxDownloadBytes} bytes and cannot be sent. Correct the files by the messages of the last start.`,
	);
}
