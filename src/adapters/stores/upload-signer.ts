import type { ContainerClient, UserDelegationKey } from '@azure/storage-blob';
import { isLoopback, type StorageAccount } from '../storage-account.ts';

const minute = 60_000;
/** Clocks of uploaders may be slow. */
const backdateMs = 15 * minute;
/** The documented life of an upload URL. */
const lifeMs = 60 * minute;
/** A key may live for seven days; a shorter one limits what a leak is worth. */
const keyLifeMs = 6 * 60 * minute;

export interface UploadSigner {
	/** A container URL that carries its own permission. */
	sign(container: ContainerClient): Promise<string>;
}

/**
 * Signs with a user delegation key in Azure, where account keys are off, and with the account key of the local emulator.
 * https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
export function uploadSigner(
	account: StorageAccount,
	options: { permissions: 'cw' | 'rcw'; now: () => Date },
): UploadSigner {
	let cached: { key: UserDelegationKey; expiresAt: number } | undefined;
	async function delegationKey(now: number): Promise<UserDelegationKey> {
		if (!cached || cached.expiresAt < now + lifeMs + minute) {
			const expiresAt = now + keyLifeMs;
			const key = await (await account.blobs()).getUserDelegationKey(new Date(now - backdateMs), new Date(expiresAt));
			cached = { key, expiresAt };
		}
		return cached.key;
	}
	return {
		async sign(container) {
			const { ContainerSASPermissions, generateBlobSASQueryParameters, SASProtocol } = await import(
				'@azure/storage-blob'
			);
			const now = options.now().getTime();
			const { settings } = account;
			const isEmulator = settings.kind === 'connectionString' && isLoopback(settings.connectionString);
			const values = {
				containerName: container.containerName,
				permissions: ContainerSASPermissions.parse(options.permissions),
				startsOn: new Date(now - backdateMs),
				expiresOn: new Date(now + lifeMs),
				protocol: isEmulator ? SASProtocol.HttpsAndHttp : SASProtocol.Https,
			};
			if (settings.kind === 'connectionString') return container.generateSasUrl(values);
			const query = generateBlobSASQueryParameters(values, await delegationKey(now), container.accountName);
			return `${container.url}?${query}`;
		},
	};
}
