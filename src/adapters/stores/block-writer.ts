import { randomUUID } from 'node:crypto';
import type { BlobRequestConditions, BlockBlobClient } from '@azure/storage-blob';
import { GrowingBytes } from '../../domain/sync/history/growing-bytes.ts';
import type { RosterWriter } from '../../ports.ts';

/** Blocks above 256 KiB take the fast path of the service; many writers may be open at once. */
const blockBytes = 1024 * 1024;

export interface BlockWriter extends Omit<RosterWriter, 'close'> {
	close(): Promise<{ etag?: string; lastModified?: Date }>;
}

/** Stages blocks as they fill; nothing can be read before the list of blocks is committed, which the conditions may forbid. */
export function blockWriter(
	openBlob: () => Promise<BlockBlobClient>,
	conditions: BlobRequestConditions = {},
): BlockWriter {
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
			if (blockIds.length === 0)
				return (await openBlob()).upload(Buffer.from(waiting.bytes), waiting.length, { conditions });
			if (waiting.length > 0) await stage();
			return (await openBlob()).commitBlockList(blockIds, { conditions });
		},
	};
}
