import { TableClient } from '@azure/data-tables';
import type { HostLog } from '../host-log.ts';
import type { IdentityConnection } from '../host-settings.ts';
import type { Worker } from '../worker/worker-contract.ts';
import { parseBlobPath } from './blob-path-pattern.ts';
import { type BlobPoller, startBlobPoller } from './blob-poller.ts';
import { createBlobReceiptStore } from './blob-receipts.ts';
import { type BlobTrigger, createBlobTrigger } from './blob-trigger.ts';
import { createPoisonQueue } from './poison-queue.ts';
import { openTriggerAccount, type TriggerAccount } from './trigger-account.ts';

export interface BlobHostOptions {
	worker: Worker;
	/** Where the host keeps its receipts. */
	connectionString: string;
	/** Resolves a trigger's `connection`. */
	resolveConnection(connection: unknown): string | IdentityConnection;
	includeContainers(name: string): boolean;
	pollIntervalMs: number;
	poisonBlobThreshold: number;
	maxDegreeOfParallelism: number;
	log: HostLog;
}

export interface BlobHost {
	triggers: readonly BlobTrigger[];
	/** Begins to call functions; until then deliveries are only recorded. */
	start(): void;
	stop(): Promise<void>;
}

const receiptsTable = 'AzureWebJobsBlobReceipts';

/** Sets up every blob function of the app: receipts, queue of poison, and the poller that stands in for Event Grid. */
export async function createBlobHost(options: BlobHostOptions): Promise<BlobHost> {
	const functions = options.worker.functions.filter(({ trigger }) => trigger.type.toLowerCase() === 'blobtrigger');
	if (functions.length === 0) return { triggers: [], start() {}, async stop() {} };
	const table = TableClient.fromConnectionString(options.connectionString, receiptsTable, {
		allowInsecureConnection: true,
	});
	await table.createTable();
	const receipts = createBlobReceiptStore(table);
	const accountFor = cacheAccounts();
	const triggers: BlobTrigger[] = [];
	const since = new Map<string, Date>();
	for (const target of functions) {
		const account = await accountFor(options.resolveConnection(target.trigger.connection));
		const path = parseBlobPath(String(target.trigger.path));
		const poison = createPoisonQueue(account);
		since.set(target.id, await receipts.subscribedAt(target.id, new Date()));
		triggers.push(await createBlobTrigger({ ...options, target, path, service: account.blobs, receipts, poison }));
	}
	let poller: BlobPoller | undefined;
	return {
		triggers,
		start() {
			poller = startBlobPoller({ ...options, triggers, since, intervalMs: options.pollIntervalMs });
		},
		async stop() {
			await poller?.stop();
			await Promise.all(triggers.map((trigger) => trigger.stop()));
		},
	};
}

/** One client per account, so that the account is listed once for all of its functions. */
function cacheAccounts(): (connection: string | IdentityConnection) => Promise<TriggerAccount> {
	const accounts = new Map<string, Promise<TriggerAccount>>();
	return (connection) => {
		const name = JSON.stringify(connection);
		const account = accounts.get(name) ?? openTriggerAccount(connection);
		accounts.set(name, account);
		return account;
	};
}

/** Containers that hold the host's own blobs, which must never trigger a function: Azure's filter leaves them out too. */
export function isHostContainer(name: string, hubName: string): boolean {
	return name.startsWith('azure-webjobs-') || name.startsWith('$') || name.startsWith(`${hubName.toLowerCase()}-`);
}
