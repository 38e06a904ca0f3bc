import { type BlobServiceClient, RestError } from '@azure/storage-blob';
import { type BlobVersion, versionKey } from './blob-receipts.ts';
import type { BlobTrigger } from './blob-trigger.ts';
import { errorLine, type HostLog } from './host-log.ts';

export interface BlobPollerOptions {
	triggers: readonly BlobTrigger[];
	/** When each function, by id, began to listen: older blobs are not reported to it, as Event Grid would not. */
	since: ReadonlyMap<string, Date>;
	/** Plays the role of the Event Grid subscription's subject filter. */
	includeContainers(name: string): boolean;
	intervalMs: number;
	log: HostLog;
}

export interface BlobPoller {
	stop(): Promise<void>;
}

/** Does what Event Grid does on Azure: reports each new or overwritten blob of the account to every blob function. */
export function startBlobPoller(options: BlobPollerOptions): BlobPoller {
	const { triggers, intervalMs, log } = options;
	let stopped = triggers.length === 0;
	let timer: NodeJS.Timeout | undefined;
	let failing = false;
	const services = Map.groupBy(triggers, ({ service }) => service);

	const look = async () => {
		try {
			for (const [service, listeners] of services) await reportNews(service, listeners, options);
			failing = false;
		} catch (error) {
			// One line for a series of failures, not one every half second.
			if (!failing && !stopped) log('warning', `Cannot look for new blobs: ${errorLine(error)}`);
			failing = true;
		}
	};
	const loop = async (): Promise<void> => {
		await look();
		if (stopped) return;
		timer = setTimeout(() => {
			looking = loop();
		}, intervalMs);
	};
	let looking = stopped ? Promise.resolve() : loop();
	return {
		async stop() {
			stopped = true;
			clearTimeout(timer);
			await looking;
		},
	};
}

interface ListedBlob extends BlobVersion {
	lastModified: Date;
}

async function reportNews(
	service: BlobServiceClient,
	triggers: readonly BlobTrigger[],
	{ includeContainers, since }: BlobPollerOptions,
): Promise<void> {
	// Receipts that end while the listing runs are not in question yet: their blobs may be younger than the listing.
	const finished = triggers.map((trigger) => ({ trigger, keys: trigger.finishedKeys() }));
	const present = new Set<string>();
	for await (const blob of listBlobs(service, includeContainers)) {
		present.add(versionKey(blob));
		const listeners = triggers.filter((trigger) => isNews(trigger, blob, since.get(trigger.target.id)));
		for (const trigger of listeners) await trigger.accept(blob);
	}
	for (const { trigger, keys } of finished) {
		for (const key of keys) if (!present.has(key)) await trigger.forget(key);
		trigger.pump();
	}
}

function isNews(trigger: BlobTrigger, { lastModified, ...version }: ListedBlob, since: Date | undefined): boolean {
	// Last-Modified counts whole seconds.
	const isOlder = since !== undefined && lastModified.getTime() < Math.floor(since.getTime() / 1000) * 1000;
	return !isOlder && !trigger.isKnown(version);
}

async function* listBlobs(service: BlobServiceClient, includes: (name: string) => boolean): AsyncGenerator<ListedBlob> {
	for await (const { name: container } of service.listContainers()) {
		if (!includes(container)) continue;
		try {
			for await (const { name, properties } of service.getContainerClient(container).listBlobsFlat()) {
				yield { container, name, etag: unquote(properties.etag), lastModified: properties.lastModified };
			}
		} catch (error) {
			// A container may be deleted between the two lists.
			if (!(error instanceof RestError && error.statusCode === 404)) throw error;
		}
	}
}

/** A blob list gives ETags without quotes, every other call and event with them. */
export function unquote(etag: string): string {
	return etag.replace(/^"|"$/g, '');
}
