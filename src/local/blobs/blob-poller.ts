import { BlobServiceClient, RestError } from '@azure/storage-blob';
import { errorLine, type HostLog } from '../host-log.ts';
import { type BlobVersion, versionKey } from './blob-receipts.ts';
import type { BlobTrigger } from './blob-trigger.ts';

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
	const accounts = [...Map.groupBy(triggers, ({ service }) => service)].map(([service, listeners]) => ({
		listeners,
		containers: createContainerLists(service, { ...options, isStopped: () => stopped }),
	}));

	const look = async () => {
		try {
			for (const { listeners, containers } of accounts) await reportNews(containers, listeners, options);
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

/** The blobs of one container after the other; undefined for one that cannot be listed now. */
type ContainerLists = () => AsyncGenerator<{ container: string; blobs: ListedBlob[] | undefined }>;

async function reportNews(
	containers: ContainerLists,
	triggers: readonly BlobTrigger[],
	{ since }: BlobPollerOptions,
): Promise<void> {
	// Receipts that end while the listing runs are not in question yet: their blobs may be younger than the listing.
	const finished = triggers.map((trigger) => ({ trigger, versions: trigger.finished() }));
	const present = new Set<string>();
	const unknown = new Set<string>();
	for await (const { container, blobs } of containers()) {
		if (!blobs) unknown.add(container);
		for (const blob of blobs ?? []) {
			present.add(versionKey(blob));
			const listeners = triggers.filter((trigger) => isNews(trigger, blob, since.get(trigger.target.id)));
			for (const trigger of listeners) await trigger.accept(blob);
		}
	}
	const isGone = (version: BlobVersion) => !present.has(versionKey(version)) && !unknown.has(version.container);
	for (const { trigger, versions } of finished) {
		for (const version of versions) if (isGone(version)) await trigger.forget(versionKey(version));
		trigger.pump();
	}
}

function isNews(trigger: BlobTrigger, { lastModified, ...version }: ListedBlob, since: Date | undefined): boolean {
	// Last-Modified counts whole seconds.
	const isOlder = since !== undefined && lastModified.getTime() < Math.floor(since.getTime() / 1000) * 1000;
	return !isOlder && !trigger.isKnown(version);
}

interface ListOptions extends BlobPollerOptions {
	isStopped(): boolean;
}

/**
 * A name with characters that XML cannot have makes storage fail at the list of its whole container. That must not keep the
 * others from being seen, nor hold them up: the next look is the only other try.
 */
function createContainerLists(account: BlobServiceClient, options: ListOptions): ContainerLists {
	const { includeContainers, isStopped, log } = options;
	const service = new BlobServiceClient(account.url, account.credential, { retryOptions: { maxTries: 1 } });
	const failing = new Set<string>();
	const listOrSay = async (container: string) => {
		try {
			const blobs = await listBlobs(service, container);
			failing.delete(container);
			return blobs;
		} catch (error) {
			const text = `Cannot list the blobs of "${container}", whose uploads go unseen: ${errorLine(error)}`;
			if (!failing.has(container) && !isStopped()) log('warning', text);
			failing.add(container);
			return undefined;
		}
	};
	return async function* () {
		for await (const { name: container } of service.listContainers()) {
			if (includeContainers(container)) yield { container, blobs: await listOrSay(container) };
		}
	};
}

async function listBlobs(service: BlobServiceClient, container: string): Promise<ListedBlob[]> {
	const found: ListedBlob[] = [];
	try {
		for await (const { name, properties } of service.getContainerClient(container).listBlobsFlat())
			found.push({ container, name, etag: unquote(properties.etag), lastModified: properties.lastModified });
		return found;
	} catch (error) {
		// A container may be deleted between the two lists.
		if (error instanceof RestError && error.statusCode === 404) return [];
		throw error;
	}
}

/** A blob list gives ETags without quotes, every other call and event with them. */
export function unquote(etag: string): string {
	return etag.replace(/^"|"$/g, '');
}
