import { UploadChangedError } from '../../../src/domain/uploads/upload-changed-error.ts';
import { UploadUnreadableError } from '../../../src/domain/uploads/upload-unreadable-error.ts';
import type { Clock, UploadedFile, UploadStore } from '../../../src/ports.ts';
import type { UploadKind } from '../requests/uploader.ts';
import { chunksOf, type FakeRosterStore } from './roster-store.ts';

export interface FakeUploadStore extends UploadStore {
	/** What a holder of the upload URL does; throws if there is no container. */
	put(profileId: string, name: string, text: string, kind?: UploadKind): UploadedFile;
}

interface StoredUpload {
	listed: UploadedFile;
	bytes: Uint8Array;
	isArchived: boolean;
}

interface Container {
	tenantId: string;
	files: Map<string, StoredUpload>;
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
	const bytesOf = (profileId: string, file: UploadedFile, isRead = false) => {
		const found = listedFile(profileId, file);
		if (!found) throw new UploadChangedError(file.name);
		if (isRead && found.isArchived) throw new UploadUnreadableError('BlobArchived');
		return found.bytes;
	};
	const write = (profileId: string, name: string, bytes: Uint8Array, kind: UploadKind = 'block'): UploadedFile => {
		const container = containers.get(profileId);
		if (!container) throw new Error(`Cannot write "${name}": profile "${profileId}" has no container.`);
		const etag = `v${++versions}`;
		const isBlockBlob = kind !== 'append';
		const listed = { name, sizeBytes: bytes.length, etag, lastModified: clock.now(), isBlockBlob };
		container.files.set(name, { listed, bytes, isArchived: kind === 'archived' });
		onWrite(profileId, listed, bytes);
		return { ...listed };
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
			const files = [...(containers.get(profileId)?.files.values() ?? [])].map(({ listed }) => ({ ...listed }));
			return files.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit);
		},

		read: async (profileId, file, part) => chunksOf(bytesOf(profileId, file, true).subarray(0, part?.firstBytes)),

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
			const [bytes, container] = [rosters.files.get(path), containers.get(profileId)];
			return bytes && container && !container.files.has(name) ? write(profileId, name, bytes).etag : undefined;
		},

		async remove(profileId, file) {
			if (listedFile(profileId, file)) containers.get(profileId)?.files.delete(file.name);
		},

		put: (profileId, name, text, kind) => write(profileId, name, Buffer.from(text), kind),
	};
}
