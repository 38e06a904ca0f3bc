import { randomUUID } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { GrowingBytes } from '../../domain/sync/growing-bytes.ts';
import type { RosterStore, RosterWriter } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { inParallel } from '../tables/transactions.ts';

export const rosterContainer = 'rosters';

/** Blocks above 256 KiB take the fast path of the service; many writers may be open at once. */
const blockBytes = 1024 * 1024;

const parallelDeletes = 16;

/** The private container `rosters`. */
export function blobRosterStore(account: StorageAccount): RosterStore {
	let opening: Promise<ContainerClient> | undefined;
	const open = () => {
		opening ??= openContainer(account);
		opening.catch(() => {
			opening = undefined;
		});
		return opening;
	};
	return {
		async read(path) {
			try {
				const response = await (await open()).getBlobClient(path).download();
				return response.readableStreamBody as AsyncIterable<Uint8Array> | undefined;
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		write: (path) => blockWriter(async () => (await open()).getBlockBlobClient(path)),

		async deleteAll(prefix, isKept = () => false) {
			const container = await open();
			for await (const page of container.listBlobsFlat({ prefix }).byPage({ maxPageSize: 1000 })) {
				const names = page.segment.blobItems.map(({ name }) => name).filter((name) => !isKept(name));
				await inParallel(names, (name) => container.getBlobClient(name).deleteIfExists(), parallelDeletes);
			}
		},
	};
}

async function openContainer(account: StorageAccount): Promise<ContainerClient> {
	const container = (await account.blobs()).getContainerClient(rosterContainer);
	await container.createIfNotExists();
	return container;
}

/** Stages blocks as they fill; nothing can be read before the list of blocks is committed. */
function blockWriter(openBlob: () => Promise<BlockBlobClient>): RosterWriter {
	const waiting = new GrowingBytes();
	const blockIds: string[] = [];
	async function stage(): Promise<void> {
		const block = Buffer.from(waiting.bytes);
		waiting.clear();
		const id = Buffer.from(randomUUID()).toString('base64');
		await (await openBlob()).stageBlock(id, block, block.length);
		blockIds.push(id);
	}
	return {
		append: (bytes) => waiting.append(bytes),

		async drain() {
			if (waiting.length >= blockBytes) await stage();
		},

		async close() {
			if (blockIds.length === 0) {
				await (await openBlob()).upload(Buffer.from(waiting.bytes), waiting.length);
				return;
			}
			if (waiting.length > 0) await stage();
			await (await openBlob()).commitBlockList(blockIds);
		},
	};
}
