import type { HostLog } from '../host-log.ts';
import type { WebHandler } from '../http/web-request.ts';
import { unquote } from './blob-poller.ts';
import type { BlobVersion } from './blob-receipts.ts';
import type { BlobTrigger } from './blob-trigger.ts';

interface BlobEvent {
	data?: { url?: string; eTag?: string; validationCode?: string };
}

/**
 * The endpoint to which Event Grid posts on Azure, `/runtime/webhooks/blobs?functionName=Host.Functions.X`. Like Azure's
 * it reads only `data.url` and `data.eTag` of an event: neither the event type nor the path is checked; and it accepts what is
 * meant for an unknown function, for which then nothing runs.
 */
export function createBlobWebhook(triggers: readonly BlobTrigger[], log: HostLog): WebHandler {
	return async (request) => {
		const functionName = new URL(request.url).searchParams.get('functionName') ?? '';
		const trigger = triggers.find(({ target }) => functionName === `Host.Functions.${target.name}`);
		if (!trigger)
			log('warning', `Events for "${functionName}" are accepted, as on Azure, and lost: the app has no such function`);
		const events = await readEvents(request);
		switch (request.headers.get('aeg-event-type')) {
			case 'SubscriptionValidation':
				return Response.json({ validationResponse: events?.[0]?.data?.validationCode });
			case 'Notification': {
				const versions = events?.map(toVersion);
				if (!versions?.every((version) => version !== undefined)) {
					log(
						'error',
						'An event without the URL of a blob is refused; on Azure it would end the host: filter the subscription',
					);
					return new Response(null, { status: 400 });
				}
				for (const version of versions) await trigger?.accept(version);
				trigger?.pump();
				return new Response(null, { status: 202 });
			}
			case 'Unsubscribe':
				return new Response(null, { status: 202 });
			default:
				return new Response(null, { status: 400 });
		}
	};
}

async function readEvents(request: Request): Promise<BlobEvent[] | undefined> {
	try {
		const body = await request.json();
		return (Array.isArray(body) ? body : [body]) as BlobEvent[];
	} catch {
		return undefined;
	}
}

function toVersion(event: BlobEvent | null): BlobVersion | undefined {
	const { url, eTag } = event?.data ?? {};
	const place = url === undefined ? undefined : parseBlobUrl(url);
	return place && { ...place, etag: unquote(eTag ?? '') };
}

/** Container and name from a blob's URL, whose path begins with the account when the host is an address or `localhost`. */
export function parseBlobUrl(text: string): { container: string; name: string } | undefined {
	if (!URL.canParse(text)) return undefined;
	const { pathname, hostname } = new URL(text);
	const isPathStyle = /^(?:localhost|[\d.]+|\[.*\])$/.test(hostname);
	const [, container, name] = (isPathStyle ? /^\/[^/]+\/([^/]+)\/(.+)$/ : /^\/([^/]+)\/(.+)$/).exec(pathname) ?? [];
	const decoded = name === undefined ? undefined : decode(name);
	return container && decoded ? { container, name: decoded } : undefined;
}

function decode(text: string): string | undefined {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}
