import { type BlobClient, type BlobServiceClient, RestError } from '@azure/storage-blob';
import type { RegisteredFunction, TypedData, Worker } from '../worker/worker-contract.ts';
import { type BlobPathPattern, bindBlobPath } from './blob-path-pattern.ts';
import type { BlobVersion } from './blob-receipts.ts';

interface BlobCall {
	worker: Worker;
	target: RegisteredFunction;
	path: BlobPathPattern;
	service: BlobServiceClient;
}

/** Calls the function for a blob; does nothing when the blob is gone. The ETag is not compared, as on Azure. */
export async function invokeWithBlob(call: BlobCall, version: BlobVersion): Promise<void> {
	const { worker, target, path, service } = call;
	const blob = service.getContainerClient(version.container).getBlobClient(version.name);
	const deferred = target.trigger.properties?.supportsDeferredBinding === 'true';
	const triggerMetadata = await unlessGone(readMetadata(blob, version));
	const data = deferred ? toReference(target, version) : await unlessGone(readContent(blob));
	if (triggerMetadata === undefined || data === undefined) return;
	for (const [name, value] of Object.entries(bindBlobPath(path, version))) triggerMetadata[name] = { string: value };
	await worker.invoke(target.id, { inputData: [{ name: target.trigger.name, data }], triggerMetadata });
}

async function readContent(blob: BlobClient): Promise<TypedData> {
	return { bytes: await blob.downloadToBuffer() };
}

async function readMetadata(blob: BlobClient, version: BlobVersion): Promise<Record<string, TypedData>> {
	const { contentLength, contentType, etag, lastModified, createdOn, metadata } = await blob.getProperties();
	const properties = {
		ContentLength: contentLength,
		ContentType: contentType,
		ETag: etag,
		LastModified: lastModified?.toISOString(),
		CreatedOn: createdOn?.toISOString(),
	};
	return {
		BlobTrigger: { string: `${version.container}/${version.name}` },
		Uri: { string: blob.url },
		Properties: { json: JSON.stringify(properties) },
		Metadata: { json: JSON.stringify(metadata ?? {}) },
	};
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
	try {
		return await reading;
	} catch (error) {
		if (error instanceof RestError && error.statusCode === 404) return undefined;
		throw error;
	}
}

/** What Azure sends to a trigger with `sdkBinding: true` instead of the content. */
function toReference(target: RegisteredFunction, { container, name }: BlobVersion): TypedData {
	const content = {
		Connection: target.trigger.connection ?? 'AzureWebJobsStorage',
		ContainerName: container,
		BlobName: name,
	};
	return {
		modelBindingData: {
			version: '1.0',
			source: 'AzureStorageBlobs',
			contentType: 'application/json',
			content: Buffer.from(JSON.stringify(content)),
		},
	};
}
