import type { SecretRef, SecretStore } from '../../../src/ports.ts';

export function fakeSecretStore(): SecretStore {
	const secrets = new Map<string, string>();
	const keyOf = ({ tenantId, profileId, name }: SecretRef) => `${tenantId}/${profileId}/${name ?? ''}`;
	return {
		put: async (ref, secret) => void secrets.set(keyOf(ref), secret),
		get: async (ref) => secrets.get(keyOf(ref)),
		delete: async (ref) => void secrets.delete(keyOf(ref)),
	};
}
