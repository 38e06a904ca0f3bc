import type { BlobTrigger } from './blobs/blob-trigger.ts';
import { createBlobWebhook } from './blobs/blob-webhook.ts';
import type { DurableEngine } from './durable/durable-engine.ts';
import type { HostLog } from './host-log.ts';
import { isAdminEndpoint } from './http/admin-api.ts';
import { type Mount, withSystemKey } from './http/http-front-end.ts';
import type { WebHandler } from './http/web-request.ts';
import type { SystemKeys } from './system-keys.ts';

export interface MountSources {
	engine: DurableEngine | undefined;
	blobTriggers: readonly BlobTrigger[];
	systemKeys: SystemKeys;
	issuer: WebHandler;
	admin: WebHandler;
	log: HostLog;
}

export const issuerPath = '/dev-issuer';

/** The host's own endpoints, the more specific path first; what is below none of them reaches the app, as on Azure. */
export function createMounts({ engine, blobTriggers, admin, systemKeys, issuer, log }: MountSources): Mount[] {
	const notFound: WebHandler = () => new Response(null, { status: 404 });
	const durable: WebHandler = engine ? (request) => engine.handleApi(request) : notFound;
	return [
		{ prefix: `${issuerPath}/`, handler: issuer },
		{ prefix: '/admin/', handler: admin, has: isAdminEndpoint },
		// Without a key: only the durable client uses it, and nothing but this machine reaches it.
		{ prefix: '/durabletask/', handler: durable },
		{ prefix: '/runtime/webhooks/durabletask/', handler: withSystemKey(durable, systemKeys.durabletask_extension) },
		{
			prefix: '/runtime/webhooks/blobs',
			handler: withSystemKey(createBlobWebhook(blobTriggers, log), systemKeys.blobs_extension),
		},
		// Of an extension that is not there, nobody has the key.
		{ prefix: '/runtime/webhooks/', handler: () => new Response(null, { status: 401 }) },
	];
}
