import {
	AccountSASPermissions,
	AccountSASResourceTypes,
	generateAccountSASQueryParameters,
	SASProtocol,
	type StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { BlobVersion } from './blob-receipts.ts';

export interface PoisonQueue {
	add(functionName: string, version: BlobVersion): Promise<void>;
}

const QUEUE = 'webjobs-blobtrigger-poison';
const API_VERSION = '2021-12-02';
const SAS_LIFETIME_MS = 3_600_000;

/** Azure's queue of given-up blob messages. Two plain REST calls with a SAS are all it takes: no SDK for queues. */
export function createPoisonQueue(queueUrl: string, credential: StorageSharedKeyCredential): PoisonQueue {
	const call = async (method: string, path: string, body?: string) => {
		const sas = generateAccountSASQueryParameters(
			{
				services: 'q',
				resourceTypes: AccountSASResourceTypes.parse('co').toString(),
				permissions: AccountSASPermissions.parse('wac'),
				expiresOn: new Date(Date.now() + SAS_LIFETIME_MS),
				protocol: SASProtocol.HttpsAndHttp,
			},
			credential,
		);
		const headers = { 'x-ms-version': API_VERSION, 'content-type': 'application/xml' };
		const response = await fetch(`${queueUrl}/${path}?${sas}`, { method, headers, body: body ?? null });
		await response.arrayBuffer();
		if (!response.ok) throw new Error(`Cannot write to the queue "${QUEUE}": it answers ${response.status}`);
	};
	return {
		async add(functionName, { container, name, etag }) {
			const message = {
				FunctionId: `Host.Functions.${functionName}`,
				BlobType: 'BlockBlob',
				ContainerName: container,
				BlobName: name,
				ETag: `"${etag}"`,
			};
			await call('PUT', QUEUE);
			const text = Buffer.from(JSON.stringify(message)).toString('base64');
			await call('POST', `${QUEUE}/messages`, `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`);
		},
	};
}
