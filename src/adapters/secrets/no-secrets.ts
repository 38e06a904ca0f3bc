import { SyncApiError } from '../../domain/errors.ts';
import type { SecretStore } from '../../ports.ts';

/** Where the operator has said of no place for secrets, none is accepted. */
export function noSecrets(): SecretStore {
	return {
		async put() {
			throw new SyncApiError(
				'NotSupported',
				'Cannot keep a secret: this deployment has no place for it. Set KEY_VAULT_URI (Azure) or SECRETS_KEY (elsewhere).',
			);
		},
		get: async () => undefined,
		delete: async () => {},
	};
}
