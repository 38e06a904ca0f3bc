import { CannotRunError } from '../cannot-run.ts';
import type { Clock } from '../clock.ts';
import type { RosterFile } from '../roster-folder.ts';

export interface UploadOptions {
	/** A container URL with its SAS; it is asked for again when it has aged. */
	getContainerUrl: () => Promise<string>;
	clock: Clock;
	signal: AbortSignal;
	onProgress: (doneBytes: number) => void;
}

/** Big enough for the pace of a fast line, small enough that four of them in memory do not matter. */
const blockBytes = 8 * 1024 * 1024;
const parallelBlocks = 4;
/** Upload URLs are valid for an hour; half of it is left for a file that has begun. */
const maxUrlAgeMs = 30 * 60_000;

/** Uploads one file after the other, in blocks read from disk as they are sent. */
export async function uploadFiles(files: readonly RosterFile[], options: UploadOptions): Promise<void> {
	const { clock, getContainerUrl } = options;
	let url = { value: await getContainerUrl(), fromMs: clock.nowMs() };
	let doneBytes = 0;
	for (const file of files) {
		if (clock.nowMs() - url.fromMs > maxUrlAgeMs) url = { value: await getContainerUrl(), fromMs: clock.nowMs() };
		const before = doneBytes;
		await uploadFile(file, url.value, { ...options, onProgress: (bytes) => options.onProgress(before + bytes) });
		doneBytes += file.sizeBytes;
		options.onProgress(doneBytes);
	}
}

async function uploadFile(file: RosterFile, containerUrl: string, options: UploadOptions): Promise<void> {
	// Loaded late, so that wrong arguments and unreachable services are reported at once.
	const { AnonymousCredential, ContainerClient } = await import('@azure/storage-blob');
	const retryOptions = { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 10_000 };
	const container = new ContainerClient(containerUrl, new AnonymousCredential(), { retryOptions });
	try {
		await container.getBlockBlobClient(file.uploadName).uploadFile(file.path, {
			blockSize: blockBytes,
			maxSingleShotSize: blockBytes,
			concurrency: parallelBlocks,
			abortSignal: options.signal,
			blobHTTPHeaders: { blobContentType: 'text/csv' },
			onProgress: ({ loadedBytes }) => options.onProgress(loadedBytes),
		});
	} catch (error) {
		options.signal.throwIfAborted();
		throw new CannotRunError(`Cannot upload "${file.uploadName}": ${uploadFailure(error)}`, { cause: error });
	}
}

const advice: Readonly<Record<string, string>> = {
	ECONNREFUSED: 'the connection to the storage was refused. Check that a firewall lets this machine reach it',
	ENOTFOUND: 'the storage host name is not known. Check the network of this machine',
	EACCES: 'you have no permission to read the file',
	ENOENT: 'the file has disappeared meanwhile',
	'403': 'the storage refused the upload URL. Check that the clock of this machine is right and a firewall lets it in',
};

/** The SDK's own texts can quote the upload URL, and with it its signature, so only codes are shown. */
function uploadFailure(error: unknown): string {
	const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
	const shown = String(code ?? statusCode ?? 'unknown reason');
	return `${advice[shown] ?? advice[String(statusCode)] ?? `the storage answered ${shown}`}. Run the command again.`;
}
