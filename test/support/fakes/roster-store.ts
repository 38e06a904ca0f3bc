import type { RosterStore } from '../../../src/ports.ts';

export interface FakeRosterStore extends RosterStore {
	files: Map<string, Uint8Array>;
}

export function fakeRosterStore(): FakeRosterStore {
	const files = new Map<string, Uint8Array>();
	return {
		files,

		async read(path) {
			const bytes = files.get(path);
			return bytes && chunksOf(bytes);
		},

		write(path) {
			const parts: Buffer[] = [];
			return {
				append: (bytes) => void parts.push(Buffer.from(bytes)),
				drain: async () => {},
				close: async () => void files.set(path, Buffer.concat(parts)),
			};
		},

		async deleteAll(prefix, isKept = () => false) {
			for (const path of files.keys()) if (path.startsWith(prefix) && !isKept(path)) files.delete(path);
		},
	};
}

const chunkBytes = 64 * 1024;

/** As a stream gives them: nobody may look at one when the next has come. */
export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += chunkBytes) {
		const chunk = Uint8Array.from(bytes.subarray(at, at + chunkBytes));
		yield chunk;
		chunk.fill(0);
	}
}
