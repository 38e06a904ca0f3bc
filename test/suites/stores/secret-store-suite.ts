import { describe, expect, test } from 'vitest';
import type { ProfileRef, SecretStore } from '../../../src/ports.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { ownTenant } from '../../support/tenants.ts';

const newRef = (): ProfileRef => ({ tenantId: ownTenant, profileId: freshId() });

/** The contract of the port, for every store of secrets. */
export function secretStoreSuite(name: string, open: () => SecretStore): void {
	describe(`secrets ${name}`, () => {
		test.each(['secret', 'sécond 😀 \u0000', ' ', `"'<&>%\\`, 'x'.repeat(10_000)])(
			'come back as they were put last (%#)',
			async (secret) => {
				const [store, ref] = [open(), newRef()];
				expect(await store.get(ref)).toBeUndefined();
				await store.put(ref, 'the one before');
				await store.put(ref, secret);
				expect(await store.get(ref)).toBe(secret);
			},
		);

		test('are of one profile, and not of another, nor of another tenant by the same id', async () => {
			const [store, ref] = [open(), newRef()];
			const foreign = { ...ref, tenantId: freshId() };
			await store.put(ref, 'own');
			expect(await store.get(newRef())).toBeUndefined();
			expect(await store.get(foreign)).toBeUndefined();
			await store.delete(foreign);
			expect(await store.get(ref)).toBe('own');
			await store.put(foreign, 'foreign');
			expect([await store.get(ref), await store.get(foreign)]).toEqual(['own', 'foreign']);
		});

		test('of a profile stand beside each other by their names', async () => {
			const [store, ref] = [open(), newRef()];
			const named = { ...ref, name: 'notifications' } as const;
			await store.put(ref, "the provider's");
			expect(await store.get(named)).toBeUndefined();
			await store.put(named, 'of notices');
			await store.delete(ref);
			expect([await store.get(ref), await store.get(named)]).toEqual([undefined, 'of notices']);
		});

		test('that were deleted are gone, also for a second time, and may be put again', async () => {
			const [store, ref] = [open(), newRef()];
			await store.delete(ref);
			await store.put(ref, 'first');
			await Promise.all([store.delete(ref), store.delete(ref)]);
			await store.delete(ref);
			expect(await store.get(ref)).toBeUndefined();
			await store.put(ref, 'second');
			expect(await store.get(ref)).toBe('second');
		});

		test('that two put at once are one of both', async () => {
			const [store, ref] = [open(), newRef()];
			await Promise.all(['one', 'other'].map((secret) => store.put(ref, secret)));
			expect(['one', 'other']).toContain(await store.get(ref));
		});
	});
}
