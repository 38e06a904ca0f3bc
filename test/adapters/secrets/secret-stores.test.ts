import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encryptedTableSecrets } from '../../../src/adapters/secrets/encrypted-table-secrets.ts';
import { keyVaultSecrets } from '../../../src/adapters/secrets/key-vault-secrets.ts';
import { noSecrets } from '../../../src/adapters/secrets/no-secrets.ts';
import type { ProfileRef } from '../../../src/ports.ts';
import { secretStoreSuite } from '../../suites/stores/secret-store-suite.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { startTestStorage, type TestStorage } from '../../support/hosts/test-storage.ts';
import { startVaultStandIn, type VaultStandIn } from '../../support/hosts/vault-stand-in.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { ownTenant } from '../../support/tenants.ts';

let storage: TestStorage;
let vault: VaultStandIn;
const key = Buffer.alloc(32, 1);
const tenantId = ownTenant;
const newRef = (): ProfileRef => ({ tenantId, profileId: freshId() });

beforeAll(async () => {
	[storage, vault] = await Promise.all([startTestStorage(), startVaultStandIn()]);
});

afterAll(() => Promise.all([storage?.stop(), vault?.stop()]));

secretStoreSuite('in an encrypted table', () => encryptedTableSecrets(storage.account, key));
secretStoreSuite('in a key vault', () => keyVaultSecrets(vault, vault.options));

describe('the encrypted table', () => {
	const table = () => storage.account.table('Secrets');

	test('holds nothing that can be read, and never the same twice', async () => {
		const store = encryptedTableSecrets(storage.account, key);
		const refs = [newRef(), newRef()];
		for (const ref of refs) await store.put(ref, 'top secret');
		const values = await Promise.all(
			refs.map(async (ref) => (await (await table()).getEntity(tenantId, ref.profileId)).value as string),
		);
		for (const value of values) expect(value).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+\.[\w-]+\.[\w-]+$/);
		expect(new Set(values).size).toBe(2);
	});

	test('refuses a value of another row, a damaged one and one of another key, without showing it', async () => {
		const store = encryptedTableSecrets(storage.account, key);
		const [ref, other] = [newRef(), newRef()];
		await store.put(ref, 'top secret');
		const { value } = await (await table()).getEntity<{ value: string }>(tenantId, ref.profileId);
		await (await table()).upsertEntity({ partitionKey: tenantId, rowKey: other.profileId, value }, 'Replace');
		await expect(store.get(other)).rejects.toThrow(/^Cannot read the secret of profile ".*": it is damaged/);
		await expect(encryptedTableSecrets(storage.account, Buffer.alloc(32, 2)).get(ref)).rejects.toThrow(
			'it was stored with another SECRETS_KEY',
		);
		await (await table()).upsertEntity({ partitionKey: tenantId, rowKey: other.profileId, value: 'v0' }, 'Replace');
		await expect(store.get(other)).rejects.toThrow('its format is unknown');
	});
});

test('a deployment without a place for secrets accepts none, and says what is missing', async () => {
	const store = noSecrets();
	const { code, message } = await asyncRefusal(store.put(newRef(), 'top secret'));
	expect([code, message]).toEqual(['NotSupported', expect.stringMatching(/KEY_VAULT_URI.*SECRETS_KEY/)]);
	expect(message).not.toContain('top secret');
	expect(await store.get(newRef())).toBeUndefined();
	await store.delete(newRef());
});
