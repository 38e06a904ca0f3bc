import type { BlobTrigger } from './blob-trigger.ts';
import { createBlobWebhook } from './blob-webhook.ts';
import type { DurableEngine } from './durable/durable-engine.ts';
import { type Mount, withSystemKey } from './http-front-end.ts';
import type { SystemKeys } from './system-keys.ts';
import type { WebHandler } from './web-request.ts';

export interface MountSources {
	engine: DurableEngine | undefined;
	blobTriggers: readonly BlobTrigger[];
	systemKeys: SystemKeys;
	issuer: WebHandler;
	admin: WebHandler;
}

export const ISSUER_PATH = '/dev-issuer';

/** The host's own endpoints, the more specific path first. */
export function createMounts({ engine, blobTriggers, admin, systemKeys, issuer }: MountSources): Mount[] {
	const notFound: WebHandler = () => new Response(null, { status: 404 });
	const durable: WebHandler = engine ? (request) => engine.handleApi(request) : notFound;
	return [
		{ prefix: `${ISSUER_PATH}/`, handler: issuer },
		{ prefix: '/admin/', handler: admin },
		// Without a key: only the durable client uses it, and nothing but this machine reaches it.
		{ prefix: '/durabletask/', handler: durable },
		{ prefix: '/runtime/webhooks/durabletask/', handler: withSystemKey(durable, systemKeys.durabletask_extension) },
		{
			prefix: '/runtime/webhooks/blobs',
			handler: withSystemKey(createBlobWebhook(blobTriggers), systemKeys.blobs_extension),
		},
		{ prefix: '/runtime/', handler: notFound },
	];
}
