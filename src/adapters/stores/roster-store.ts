import type { ContainerClient } from '@azure/storage-blob';
import type { RosterStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { inParallel } from '../transactions.ts';
import { blockWriter } from './block-writer.ts';

export const rosterContainer = 'rosters';

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

		write(path) {
			const writer = blockWriter(async () => (await open()).getBlockBlobClient(path));
			return {
				...writer,
				async close() {
					await writer.close();
				},
			};
		},

		async deleteAll(prefix, isKept = () => false) {
			const container = await open();
			const pages = container.listBlobsFlat({ prefix, includeUncommitedBlobs: true }).byPage({ maxPageSize: 1000 });
			for await (const page of pages) {
				const names = page.segment.blobItems.map(({ name }) => name).filter((name) => !isKept(name));
				await inParallel(names, (name) => deleteWhole(container, name), parallelDeletes);
			}
		},
	};
}

/** A writer that died leaves blocks of a file that never was; the service would keep them for a week, and Azurite for ever. */
async function deleteWhole(container: ContainerClient, name: string): Promise<void> {
	const blob = container.getBlockBlobClient(name);
	if ((await blob.deleteIfExists()).succeeded) return;
	// To write the file is what discards them.
	await blob.upload('', 0);
	await blob.deleteIfExists();
}

async function openContainer(account: StorageAccount): Promise<ContainerClient> {
	const container = (await account.blobs()).getContainerClient(rosterContainer);
	await container.createIfNotExists();
	return container;
}
