import { setTimeout as pause } from 'node:timers/promises';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { UploadChangedError } from '../../domain/upload-changed-error.ts';
import type { UploadedFile, UploadStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { blockWriter } from './block-writer.ts';
import { rosterContainer } from './roster-store.ts';
import type { UploadSigner } from './upload-signer.ts';

/** Azure refuses a container's name for about half a minute after its deletion. */
const recreateWaitMs = 5_000;
const recreateAttempts = 12;

/** Conditions failed, or the blob is gone. */
const changedStatuses = new Set([404, 409, 412]);

const containerName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One container per profile, named by its id; the tenant is the container's metadata, which no upload URL can write. */
export function blobUploadStore(account: StorageAccount, signer: UploadSigner): UploadStore {
	async function containerOf(profileId: string): Promise<ContainerClient> {
		if (!containerName.test(profileId))
			throw new Error('Cannot open an upload container: its name is not a profile id.');
		return (await account.blobs()).getContainerClient(profileId);
	}
	return {
		async create(tenantId, profileId) {
			await createContainer(await containerOf(profileId), tenantId);
		},

		async delete(profileId) {
			await (await containerOf(profileId)).deleteIfExists();
		},

		async tenantOf(profileId) {
			if (!containerName.test(profileId)) return undefined;
			try {
				return (await (await containerOf(profileId)).getProperties()).metadata?.tenant;
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		signUrl: async (profileId) => signer.sign(await containerOf(profileId)),

		async list(profileId, limit) {
			const container = await containerOf(profileId);
			const files: UploadedFile[] = [];
			for await (const blob of container.listBlobsFlat()) {
				if (files.length >= limit) break;
				const { etag, contentLength = 0, lastModified, blobType } = blob.properties;
				files.push({
					name: blob.name,
					sizeBytes: contentLength,
					etag: unquoted(etag),
					lastModified,
					isBlockBlob: blobType === 'BlockBlob',
				});
			}
			return files;
		},

		async read(profileId, file, part) {
			const blob = (await containerOf(profileId)).getBlobClient(file.name);
			// There is no range in a blob without bytes.
			const count = part && file.sizeBytes > 0 ? part.firstBytes : undefined;
			const response = await orChanged(file, () =>
				blob.download(0, count, { conditions: { ifMatch: quoted(file.etag) } }),
			);
			return response.readableStreamBody as unknown as AsyncIterable<Uint8Array>;
		},

		async replace(profileId, file, chunks) {
			const blob = (await containerOf(profileId)).getBlockBlobClient(file.name);
			const writer = blockWriter(async () => blob, { ifMatch: quoted(file.etag) });
			let sizeBytes = 0;
			for await (const chunk of chunks) {
				sizeBytes += chunk.length;
				writer.append(chunk);
				await writer.drain();
			}
			const { etag, lastModified } = await orChanged(file, () => writer.close());
			if (!etag || !lastModified)
				throw new Error('Cannot replace an upload: storage does not say what it has written.');
			return { ...file, sizeBytes, etag: unquoted(etag), lastModified };
		},

		async copyToRosters(profileId, file, path) {
			const source = (await containerOf(profileId)).getBlockBlobClient(file.name);
			const rosters = (await account.blobs()).getContainerClient(rosterContainer);
			await rosters.createIfNotExists();
			await orChanged(file, () => copy(source, rosters.getBlockBlobClient(path), file));
		},

		async remove(profileId, file) {
			try {
				const blob = (await containerOf(profileId)).getBlobClient(file.name);
				await blob.delete({ deleteSnapshots: 'include', conditions: { ifMatch: quoted(file.etag) } });
			} catch (error) {
				if (!changedStatuses.has(statusOf(error) ?? 0)) throw error;
			}
		},
	};
}

async function createContainer(container: ContainerClient, tenant: string): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		try {
			await container.createIfNotExists({ metadata: { tenant } });
			return;
		} catch (error) {
			const isBeingDeleted = (error as { code?: string }).code === 'ContainerBeingDeleted';
			if (!isBeingDeleted || attempt === recreateAttempts) throw error;
			await pause(recreateWaitMs);
		}
	}
}

/** Within the account, so the service moves the bytes and we only wait. */
async function copy(source: BlockBlobClient, target: BlockBlobClient, file: UploadedFile): Promise<void> {
	const poller = await target.beginCopyFromURL(source.url, {
		sourceConditions: { ifMatch: quoted(file.etag) },
		intervalInMs: 200,
	});
	const { copyStatus } = await poller.pollUntilDone();
	if (copyStatus !== 'success') throw new Error(`Cannot take an upload: copying it ended with "${copyStatus}".`);
}

async function orChanged<T>(file: UploadedFile, action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (error) {
		if (changedStatuses.has(statusOf(error) ?? 0)) throw new UploadChangedError(file.name.slice(0, 100));
		throw error;
	}
}

/** Lists give ETags bare, other answers in quotes; conditions want them in quotes. */
const unquoted = (etag: string) => etag.replaceAll('"', '');
const quoted = (etag: string) => `"${unquoted(etag)}"`;
