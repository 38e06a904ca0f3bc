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

export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	yield bytes;
}
