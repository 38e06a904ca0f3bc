import type { TokenCredential } from '@azure/identity';
import {
	AccountSASPermissions,
	AccountSASResourceTypes,
	BlobServiceClient,
	generateAccountSASQueryParameters,
	SASProtocol,
	type StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { IdentityConnection } from '../host-settings.ts';

/** The storage account of a blob trigger. */
export interface TriggerAccount {
	blobs: BlobServiceClient;
	queueUrl: string;
	/** What makes a request to a queue legal: a query, or headers. */
	signQueueRequest(): Promise<{ query?: string; headers?: Record<string, string> }>;
}

const sasLifetimeMs = 3_600_000;
const storageScope = 'https://storage.azure.com/.default';

export async function openTriggerAccount(connection: string | IdentityConnection): Promise<TriggerAccount> {
	return typeof connection === 'string' ? byKey(connection) : byIdentity(connection);
}

function byKey(connectionString: string): TriggerAccount {
	const blobs = BlobServiceClient.fromConnectionString(connectionString);
	return {
		blobs,
		queueUrl: /(?:^|;)QueueEndpoint=([^;]*)/i.exec(connectionString)?.[1] ?? '',
		async signQueueRequest() {
			const sas = generateAccountSASQueryParameters(
				{
					services: 'q',
					resourceTypes: AccountSASResourceTypes.parse('co').toString(),
					permissions: AccountSASPermissions.parse('wac'),
					expiresOn: new Date(Date.now() + sasLifetimeMs),
					protocol: SASProtocol.HttpsAndHttp,
				},
				blobs.credential as StorageSharedKeyCredential,
			);
			return { query: String(sas) };
		},
	};
}

async function byIdentity({ blobServiceUri, queueServiceUri, clientId }: IdentityConnection): Promise<TriggerAccount> {
	const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
	const credential: TokenCredential = clientId
		? new ManagedIdentityCredential({ clientId })
		: new DefaultAzureCredential();
	return {
		blobs: new BlobServiceClient(blobServiceUri, credential),
		queueUrl: queueServiceUri.replace(/\/+$/, ''),
		async signQueueRequest() {
			const token = await credential.getToken(storageScope);
			return { headers: { authorization: `Bearer ${token?.token}`, 'x-ms-date': new Date().toUTCString() } };
		},
	};
}
