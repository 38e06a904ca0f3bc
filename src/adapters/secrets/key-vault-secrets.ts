import { setTimeout as pause } from 'node:timers/promises';
import type { SecretClient, SecretClientOptions } from '@azure/keyvault-secrets';
import type { SecretRef, SecretStore } from '../../ports.ts';
import { credential, statusOf } from '../storage-account.ts';

/** A deletion takes the vault a few seconds: it gets half a minute. */
const recoverPollMs = 500;
const putAttempts = 60;

/** The secrets of profiles in a vault of the operator's, reached by managed identity. */
export function keyVaultSecrets(
	{ uri, clientId }: { uri: string; clientId?: string },
	options: SecretClientOptions = {},
): SecretStore {
	let opening: Promise<SecretClient> | undefined;
	const open = () => {
		opening ??= openVault(uri, clientId, options);
		return opening;
	};
	return {
		async put(ref, secret) {
			const vault = await open();
			for (let attempt = 1; ; attempt++) {
				try {
					await vault.setSecret(nameOf(ref), secret);
					return;
				} catch (error) {
					// The name is that of a deleted secret, which the vault keeps for a while.
					if (statusOf(error) !== 409 || attempt === putAttempts) throw error;
					await recover(vault, nameOf(ref));
				}
			}
		},

		async get(ref) {
			try {
				return (await (await open()).getSecret(nameOf(ref))).value;
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async delete(ref) {
			try {
				await (await open()).beginDeleteSecret(nameOf(ref));
			} catch (error) {
				if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
			}
		},
	};
}

/** A vault's names have letters, digits and hyphens, as ids do. */
const nameOf = ({ tenantId, profileId, name }: SecretRef) => `sds-${tenantId}-${profileId}${name ? `-${name}` : ''}`;

/** What is just being deleted cannot be recovered yet: it is to be tried again. */
async function recover(vault: SecretClient, name: string): Promise<void> {
	try {
		await (await vault.beginRecoverDeletedSecret(name, { intervalInMs: recoverPollMs })).pollUntilDone();
	} catch (error) {
		if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error;
		await pause(recoverPollMs);
	}
}

async function openVault(
	uri: string,
	clientId: string | undefined,
	options: SecretClientOptions,
): Promise<SecretClient> {
	const { SecretClient } = await import('@azure/keyvault-secrets');
	return new SecretClient(uri, await credential(clientId), options);
}
