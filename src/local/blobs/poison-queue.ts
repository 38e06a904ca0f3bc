import type { BlobVersion } from './blob-receipts.ts';
import type { TriggerAccount } from './trigger-account.ts';

export interface PoisonQueue {
	add(functionName: string, version: BlobVersion): Promise<void>;
}

const queueName = 'webjobs-blobtrigger-poison';
const apiVersion = '2021-12-02';

/** Azure's queue of given-up blob messages. Two plain REST calls are all it takes: no SDK for queues. */
export function createPoisonQueue({ queueUrl, signQueueRequest }: TriggerAccount): PoisonQueue {
	const call = async (method: string, path: string, body?: string) => {
		const { query = '', headers: signed = {} } = await signQueueRequest();
		const headers = { 'x-ms-version': apiVersion, 'content-type': 'application/xml', ...signed };
		const response = await fetch(`${queueUrl}/${path}?${query}`, { method, headers, body: body ?? null });
		await response.arrayBuffer();
		if (!response.ok) throw new Error(`Cannot write to the queue "${queueName}": it answers ${response.status}`);
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
			await call('PUT', queueName);
			const text = Buffer.from(JSON.stringify(message)).toString('base64');
			await call('POST', `${queueName}/messages`, `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`);
		},
	};
}
