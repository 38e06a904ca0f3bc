import { type StorageAccount, storageAccount } from '../../../src/adapters/storage-account.ts';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';

export interface TestStorage {
	account: StorageAccount;
	azurite: Azurite;
	stop(): Promise<void>;
}

/** A real storage server of its own, in memory, on free ports. */
export async function startTestStorage(): Promise<TestStorage> {
	const azurite = await startAzurite({ preferUsualPorts: false, log: () => {} });
	return {
		azurite,
		account: storageAccount({ kind: 'connectionString', connectionString: azurite.connectionString }),
		stop: azurite.stop,
	};
}
