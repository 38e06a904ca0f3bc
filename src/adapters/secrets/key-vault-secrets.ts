import type { SecretClient } from '@azure/keyvault-secrets';
import type { ProfileRef, SecretStore } from '../../ports.ts';
import { credential, statusOf } from '../storage-account.ts';

/** One secret per profile in a vault of the operator's, reached by managed identity. */
export function keyVaultSecrets({ uri, clientId }: { uri: string; clientId?: string }): SecretStore {
	let opening: Promise<SecretClient> | undefined;
	const open = () => {
		opening ??= openVault(uri, clientId);
		return opening;
	};
	return {
		async put(ref, secret) {
			const vault = await open();
			try {
				await vault.setSecret(nameOf(ref), secret);
			} catch (error) {
				// The name is that of a deleted secret, which the vault keeps for a while.
				if (statusOf(error) !== 409) throw error;
				await (await vault.beginRecoverDeletedSecret(nameOf(ref))).pollUntilDone();
				await vault.setSecret(nameOf(ref), secret);
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

/** Profile ids are ours and unique over all tenants; a vault's names have letters, digits and hyphens. */
const nameOf = ({ profileId }: ProfileRef) => `sds-${profileId}`;

async function openVault(uri: string, clientId: string | undefined): Promise<SecretClient> {
	const { SecretClient } = await import('@azure/keyvault-secrets');
	return new SecretClient(uri, await credential(clientId));
}
