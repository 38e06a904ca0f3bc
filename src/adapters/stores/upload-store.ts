import { setTimeout as pause } from 'node:timers/promises';
import type {
	BlobBeginCopyFromURLOptions,
	BlobClient,
	BlobProperties,
	BlockBlobClient,
	ContainerClient,
} from '@azure/storage-blob';
import { SyncApiError } from '../../domain/errors.ts';
import { UploadChangedError } from '../../domain/uploads/upload-changed-error.ts';
import { UploadUnreadableError } from '../../domain/uploads/upload-unreadable-error.ts';
import type { UploadedFile, UploadStore } from '../../ports.ts';
import { codeOf, type StorageAccount, statusOf } from '../storage-account.ts';
import { blockWriter } from './block-writer.ts';
import { rosterContainer } from './roster-store.ts';
import type { UploadSigner } from './upload-signer.ts';

/** Azure refuses a container's name for about half a minute after its deletion. */
const recreateWaitMs = 5_000;
const recreateAttempts = 12;

/** Codes of storage: what was listed is there no longer. */
const changedCodes: ReadonlySet<string> = new Set([
	'BlobNotFound',
	'ConditionNotMet',
	'SourceConditionNotMet',
	'CannotVerifyCopySource',
	'ContainerNotFound',
	'ContainerBeingDeleted',
]);
/** Codes of storage: somebody holds a lease, which only its holder may ignore. */
const leaseCodes: ReadonlySet<string> = new Set(['LeaseIdMissing', 'LeaseIdMismatchWithBlobOperation']);

const containerName = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One container per profile, named by its id; the tenant is the container's metadata, which no upload URL can write. */
export function blobUploadStore(account: StorageAccount, signer: UploadSigner): UploadStore {
	async function containerOf(profileId: string): Promise<ContainerClient> {
		if (!containerName.test(profileId))
			throw new Error('Cannot open an upload container: its name is not a profile id.');
		return (await account.blobs()).getContainerClient(profileId);
	}
	/** The name is one segment of the URL: in several, `../School.csv` would lead out of the container. */
	async function blobOf(profileId: string, name: string): Promise<BlockBlobClient> {
		const { url, credential } = await containerOf(profileId);
		const { BlockBlobClient } = await import('@azure/storage-blob');
		return new BlockBlobClient(`${url}/${encodeURIComponent(name)}`, credential);
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
			try {
				for await (const { name, properties } of container.listBlobsFlat()) {
					if (files.length >= limit) break;
					files.push(listedFile(name, properties));
				}
			} catch (error) {
				if (await isUnlistable(container, error)) throw unlistable(profileId);
				// A profile that is being deleted has no files any more.
				if (!isChange(error)) throw error;
			}
			return files;
		},

		async read(profileId, file, part) {
			const blob = await blobOf(profileId, file.name);
			// There is no range in a blob without bytes.
			const count = part && file.sizeBytes > 0 ? part.firstBytes : undefined;
			try {
				const response = await blob.download(0, count, { conditions: { ifMatch: quoted(file.etag) } });
				return response.readableStreamBody as unknown as AsyncIterable<Uint8Array>;
			} catch (error) {
				if (isChange(error)) throw new UploadChangedError(file.name.slice(0, 100));
				if (statusOf(error) === 409) throw new UploadUnreadableError(codeOf(error));
				throw error;
			}
		},

		async replace(profileId, file, chunks) {
			const blob = await blobOf(profileId, file.name);
			const writer = blockWriter(async () => blob, { ifMatch: quoted(file.etag) });
			let sizeBytes = 0;
			for await (const chunk of chunks) {
				sizeBytes += chunk.length;
				writer.append(chunk);
				await writer.drain();
			}
			const { etag, lastModified } = await orChanged(file, () => withoutLease(blob, () => writer.close()));
			if (!etag || !lastModified)
				throw new Error('Cannot replace an upload: storage does not say what it has written.');
			return { ...file, sizeBytes, etag: unquoted(etag), lastModified };
		},

		async copyToRosters(profileId, file, path) {
			const source = await blobOf(profileId, file.name);
			const rosters = (await account.blobs()).getContainerClient(rosterContainer);
			await rosters.createIfNotExists();
			const sourceConditions = { ifMatch: quoted(file.etag) };
			await orChanged(file, () => copy(source, rosters.getBlockBlobClient(path), { sourceConditions }));
		},

		async putBack(profileId, name, path) {
			const source = (await account.blobs()).getContainerClient(rosterContainer).getBlockBlobClient(path);
			const target = await blobOf(profileId, name);
			try {
				return unquoted(await copy(source, target, { conditions: { ifNoneMatch: '*' } }));
			} catch (error) {
				// What was uploaded meanwhile is newer (the emulator answers 409, Azure 412); what is kept no longer cannot come back.
				if ([404, 409, 412].includes(statusOf(error) ?? 0)) return undefined;
				throw error;
			}
		},

		async remove(profileId, file) {
			const blob = await blobOf(profileId, file.name);
			const conditions = { ifMatch: quoted(file.etag) };
			try {
				await withoutLease(blob, () => blob.delete({ deleteSnapshots: 'include', conditions }));
			} catch (error) {
				if (!isChange(error)) throw error;
			}
		},
	};
}

function listedFile(name: string, properties: BlobProperties): UploadedFile {
	const { etag, contentLength = 0, lastModified, blobType } = properties;
	return { name, sizeBytes: contentLength, etag: unquoted(etag), lastModified, isBlockBlob: blobType === 'BlockBlob' };
}

/**
 * Where storage answers, and yet cannot list, a name is the likely reason: the emulator writes control characters into its XML.
 * Azure encodes them. https://learn.microsoft.com/rest/api/storageservices/list-blobs
 */
async function isUnlistable(container: ContainerClient, error: unknown): Promise<boolean> {
	return statusOf(error) === 500 && (await container.exists().catch(() => false));
}

const unlistable = (profileId: string) =>
	new SyncApiError(
		'ServiceUnavailable',
		`Cannot list the uploads of profile "${profileId}". Try again; if it stays so, the name of an uploaded file has characters that no list can show: delete that file with a storage tool, or the profile.`,
		{ headers: { 'Retry-After': '10' } },
	);

/** An upload URL can lease a file, and nobody could take it away then: the lease is broken. */
async function withoutLease<T>(blob: BlobClient, action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (error) {
		if (!leaseCodes.has(codeOf(error))) throw error;
		await blob.getBlobLeaseClient().breakLease(0);
		return action();
	}
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

/** Within the account, so the service moves the bytes and we only wait. Answers the ETag of the copy. */
async function copy(
	source: BlockBlobClient,
	target: BlockBlobClient,
	options: BlobBeginCopyFromURLOptions,
): Promise<string> {
	const poller = await target.beginCopyFromURL(source.url, { ...options, intervalInMs: 200 });
	const { copyStatus, etag = '' } = await poller.pollUntilDone();
	if (copyStatus !== 'success') throw new Error(`Cannot copy an upload: it ended with "${copyStatus}".`);
	return etag;
}

async function orChanged<T>(file: UploadedFile, action: () => Promise<T>): Promise<T> {
	try {
		return await action();
	} catch (error) {
		if (isChange(error)) throw new UploadChangedError(file.name.slice(0, 100));
		throw error;
	}
}

/** An answer without a code says by its status alone that a condition failed or the blob is gone. */
function isChange(error: unknown): boolean {
	const code = codeOf(error);
	return code === '' ? [404, 412].includes(statusOf(error) ?? 0) : changedCodes.has(code);
}

/** Lists give ETags bare, other answers in quotes; conditions want them in quotes. */
const unquoted = (etag: string) => etag.replaceAll('"', '');
const quoted = (etag: string) => `"${unquoted(etag)}"`;
