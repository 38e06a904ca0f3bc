import { AsyncLocalStorage } from 'node:async_hooks';
import type { TableClient, TableServiceClientOptions } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import type { BlobServiceClient } from '@azure/storage-blob';
import type { Deadline } from '../directory-ports.ts';
import type { StorageSettings } from '../settings.ts';

type TablePolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number];

/** The roster storage account. Its SDKs load on first use, and each table is created on first use, once per process. */
export interface StorageAccount {
	settings: StorageSettings;
	table(name: string): Promise<TableClient>;
	blobs(): Promise<BlobServiceClient>;
}

/** `onThrottle` hears of every request that a table refuses because there were too many; the SDK tries it again. */
export function storageAccount(settings: StorageSettings, onThrottle: () => void = () => {}): StorageAccount {
	const tables = new Map<string, Promise<TableClient>>();
	let blobService: Promise<BlobServiceClient> | undefined;
	return {
		settings,
		table(name) {
			const known = tables.get(name) ?? openTable(settings, { name, onThrottle });
			tables.set(name, known);
			// A failure must not be remembered: the next caller tries again.
			known.catch(() => tables.delete(name));
			return known;
		},
		blobs() {
			blobService ??= openBlobs(settings);
			return blobService;
		},
	};
}

async function openTable(
	settings: StorageSettings,
	{ name, onThrottle }: { name: string; onThrottle: () => void },
): Promise<TableClient> {
	const { TableClient } = await import('@azure/data-tables');
	const additionalPolicies = [throttleWatch(onThrottle), deadlinePolicy];
	const client =
		settings.kind === 'connectionString'
			? TableClient.fromConnectionString(settings.connectionString, name, {
					allowInsecureConnection: isLoopback(settings.connectionString),
					additionalPolicies,
				})
			: new TableClient(settings.tableServiceUri, name, await credential(settings.clientId), {
					additionalPolicies,
				});
	// An existing table answers 409, which the SDK swallows.
	await client.createTable();
	return client;
}

const limits = new AsyncLocalStorage<AbortSignal>();

/** No request to a table that `work` makes lasts beyond the deadline: it fails, and is not tried again. */
export async function before<T>(
	deadline: Deadline | undefined,
	work: (until: Date | undefined) => Promise<T>,
): Promise<T> {
	const until = typeof deadline === 'function' ? await deadline() : deadline;
	if (!until) return work(undefined);
	const left = until.getTime() - Date.now();
	// A timer of no time would let a request out before it fires.
	return limits.run(left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort(), () => work(until));
}

const deadlinePolicy: TablePolicy = {
	position: 'perRetry',
	policy: {
		name: 'deadline',
		async sendRequest(request, next) {
			const limit = limits.getStore();
			if (limit)
				request.abortSignal = request.abortSignal
					? AbortSignal.any([request.abortSignal as AbortSignal, limit])
					: limit;
			return next(request);
		},
	},
};

/** https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes has the codes: 503, and 429 of Cosmos DB. */
function throttleWatch(onThrottle: () => void): TablePolicy {
	return {
		position: 'perRetry',
		policy: {
			name: 'throttleWatch',
			async sendRequest(request, next) {
				const response = await next(request);
				if (response.status === 503 || response.status === 429) onThrottle();
				return response;
			},
		},
	};
}

async function openBlobs(settings: StorageSettings): Promise<BlobServiceClient> {
	const { BlobServiceClient } = await import('@azure/storage-blob');
	return settings.kind === 'connectionString'
		? BlobServiceClient.fromConnectionString(settings.connectionString)
		: new BlobServiceClient(settings.blobServiceUri, await credential(settings.clientId));
}

/**
 * The user-assigned identity that is named, and no other: it is asked first, and nothing else that is found in the environment can
 * take its place. Without a name, the system-assigned one in Azure, and whoever is signed in on a developer's machine.
 */
export async function credential(clientId: string | undefined): Promise<TokenCredential> {
	const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
	return clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential();
}

/** Plain http is for the emulator on this machine only. */
export function isLoopback(connectionString: string): boolean {
	const endpoints = [...connectionString.matchAll(/(?:Blob|Table|Queue)Endpoint=([^;]+)/gi)].map(
		([, url]) => new URL(url as string),
	);
	return (
		connectionString === 'UseDevelopmentStorage=true' ||
		(endpoints.length > 0 && endpoints.every(({ hostname }) => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)))
	);
}

/** The HTTP status of a storage error, or undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
	const status = (error as { statusCode?: unknown } | null)?.statusCode;
	return typeof status === 'number' ? status : undefined;
}

/** The code by which storage names its error, such as `BlobNotFound`; empty if there is none. */
export function codeOf(error: unknown): string {
	const code = (error as { code?: unknown } | null)?.code;
	return typeof code === 'string' ? code : '';
}
