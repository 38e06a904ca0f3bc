import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { storageAccount } from '../src/adapters/storage-account.ts';

/** Looks like that of a profile, and is none's. */
const container = 'b0000000-0000-4000-8000-000000000001';

/** The files of a folder as the uploads of a profile, for as long as the work takes. */
export async function withUploads<T>(
	connectionString: string,
	folder: string,
	work: (container: string) => Promise<T>,
): Promise<T> {
	const blobs = await storageAccount({ kind: 'connectionString', connectionString }).blobs();
	const uploads = blobs.getContainerClient(container);
	await uploads.create();
	try {
		for (const name of await readdir(folder))
			await uploads.getBlockBlobClient(name).uploadFile(path.join(folder, name));
		return await work(container);
	} finally {
		await uploads.delete();
	}
}
