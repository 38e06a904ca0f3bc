import type { HttpResponseInit } from '@azure/functions';

/** An answer that browsers save as a file. The chunks may be reused by whoever yields them. */
export function csvDownload(fileName: string, chunks: AsyncIterable<Uint8Array>): HttpResponseInit {
	return {
		headers: {
			'content-type': 'text/csv; charset=utf-8',
			'content-disposition': `attachment; filename="${fileName}"`,
			'x-content-type-options': 'nosniff',
		},
		body: ReadableStream.from(copied(chunks)),
	};
}

async function* copied(chunks: AsyncIterable<Uint8Array>) {
	for await (const chunk of chunks) yield Uint8Array.from(chunk);
}
