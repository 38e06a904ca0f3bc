import type { ContainerClient } from '@azure/storage-blob';
import type { RosterStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { inParallel } from '../tables/transactions.ts';
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
