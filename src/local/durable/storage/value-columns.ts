import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ContainerClient } from '@azure/storage-blob';

/** JSON texts of any length, spread over columns of a table row, or in a blob of their own. */
export interface ValueColumns {
	/** `folder` groups the blobs that end together. `null` clears the value. */
	write(name: string, text: string | null, folder: string): Promise<Record<string, string | number>>;
	/** The same value, though perhaps in another notation. */
	read(row: object, name: string): Promise<string | null>;
	removeBlobs(folder: string): Promise<void>;
}

/** A table property holds at most 32K UTF-16 characters. */
const chunkLength = 32_000;

/** An entity holds 1 MB, in UTF-16; an instance row has three values (input, output, custom status). */
const maxInlineLength = 160_000;

export function createValueColumns(container: ContainerClient): ValueColumns {
	return {
		async write(name, text, folder) {
			const ascii = text === null ? '' : toAscii(text);
			// Both marks always: rows are merged, and a mark that is left out would keep its old value.
			if (ascii.length <= maxInlineLength) return { ...toChunks(name, ascii), [`${name}Blob`]: '' };
			const blobName = `${folder}/${randomUUID()}.json.gz`;
			await container.getBlockBlobClient(blobName).uploadData(await promisify(gzip)(ascii));
			return { [`${name}Chunks`]: 0, [`${name}Blob`]: blobName };
		},
		async read(row, name) {
			const columns = row as Record<string, unknown>;
			const blobName = columns[`${name}Blob`];
			if (typeof blobName === 'string' && blobName !== '') {
				const packed = await container.getBlobClient(blobName).downloadToBuffer();
				return String(await promisify(gunzip)(packed));
			}
			let text = '';
			for (let at = 0; at < Number(columns[`${name}Chunks`] ?? 0); at += 1) text += columns[`${name}${at}`];
			return text === '' ? null : text;
		},
		async removeBlobs(folder) {
			for await (const { name } of container.listBlobsFlat({ prefix: `${folder}/` })) {
				await container.getBlobClient(name).deleteIfExists();
			}
		},
	};
}

function toChunks(name: string, text: string): Record<string, string | number> {
	const count = Math.ceil(text.length / chunkLength);
	const columns: Record<string, string | number> = { [`${name}Chunks`]: count };
	for (let at = 0; at < count; at += 1) {
		columns[`${name}${at}`] = text.slice(at * chunkLength, (at + 1) * chunkLength);
	}
	return columns;
}

/**
 * JSON with every other character escaped, so that a cut never splits one. Azurite (3.37) decodes a request body chunk
 * by chunk, and would break what lies in two of them.
 */
function toAscii(json: string): string {
	return json.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
