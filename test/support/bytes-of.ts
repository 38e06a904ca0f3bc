/** All bytes of a stream; each chunk is copied, since it is valid until the next one only. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
	return Buffer.concat(chunks);
}

export const textOf = async (stream: AsyncIterable<Uint8Array>): Promise<string> =>
	(await bytesOf(stream)).toString('utf8');

/** As those that write files give theirs: every chunk in the same memory. */
export async function* reusedChunks(texts: readonly string[]): AsyncGenerator<Uint8Array> {
	const memory = Buffer.alloc(Math.max(0, ...texts.map((text) => Buffer.byteLength(text))));
	for (const text of texts) {
		const length = memory.write(text);
		yield memory.subarray(0, length);
		memory.fill(0);
	}
}
