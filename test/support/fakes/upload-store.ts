import { UploadChangedError } from '../../../src/domain/upload-changed-error.ts';
import type { Clock, UploadedFile, UploadStore } from '../../../src/ports.ts';
import { chunksOf, type FakeRosterStore } from './roster-store.ts';

export interface FakeUploadStore extends UploadStore {
	/** What a holder of the upload URL does. */
	put(profileId: string, name: string, text: string): UploadedFile;
}

interface Container {
	tenantId: string;
	files: Map<string, { listed: UploadedFile; bytes: Uint8Array }>;
}

/** Called with every file that comes into a container, by its uploader or by us. */
export type OnWrite = (profileId: string, file: UploadedFile, bytes: Uint8Array) => void;

export function fakeUploadStore(
	rosters: Pick<FakeRosterStore, 'files'>,
	clock: Pick<Clock, 'now'>,
	onWrite: OnWrite = () => {},
): FakeUploadStore {
	const containers = new Map<string, Container>();
	let versions = 0;
	const listedFile = (profileId: string, { name, etag }: Pick<UploadedFile, 'name' | 'etag'>) => {
		const found = containers.get(profileId)?.files.get(name);
		return found?.listed.etag === etag ? found : undefined;
	};
	const bytesOf = (profileId: string, file: UploadedFile) => {
		const found = listedFile(profileId, file);
		if (!found) throw new UploadChangedError(file.name);
		return found.bytes;
	};
	const write = (profileId: string, name: string, bytes: Uint8Array): UploadedFile => {
		const etag = `v${++versions}`;
		const listed = { name, sizeBytes: bytes.length, etag, lastModified: clock.now(), isBlockBlob: true };
		const container = containers.get(profileId);
		container?.files.set(name, { listed, bytes });
		if (container) onWrite(profileId, listed, bytes);
		return listed;
	};
	return {
		async create(tenantId, profileId) {
			if (!containers.has(profileId)) containers.set(profileId, { tenantId, files: new Map() });
		},

		async delete(profileId) {
			containers.delete(profileId);
		},

		tenantOf: async (profileId) => containers.get(profileId)?.tenantId,

		signUrl: async (profileId) => `https://uploads.example.org/${profileId}?sas`,

		async list(profileId, limit) {
			const files = [...(containers.get(profileId)?.files.values() ?? [])].map(({ listed }) => listed);
			return files.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
		},

		read: async (profileId, file, part) => chunksOf(bytesOf(profileId, file).subarray(0, part?.firstBytes)),

		async replace(profileId, file, chunks) {
			const parts: Uint8Array[] = [];
			for await (const chunk of chunks) parts.push(Uint8Array.from(chunk));
			bytesOf(profileId, file);
			return write(profileId, file.name, Buffer.concat(parts));
		},

		async copyToRosters(profileId, file, path) {
			rosters.files.set(path, bytesOf(profileId, file));
		},

		async putBack(profileId, name, path) {
			const bytes = rosters.files.get(path);
			return bytes && !containers.get(profileId)?.files.has(name) ? write(profileId, name, bytes).etag : undefined;
		},

		async remove(profileId, file) {
			if (listedFile(profileId, file)) containers.get(profileId)?.files.delete(file.name);
		},

		put: (profileId, name, text) => write(profileId, name, Buffer.from(text)),
	};
}
