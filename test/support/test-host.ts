import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SpawnedHost, spawnHost } from '../../src/local/spawn-host.ts';

export const firstTenant = '11111111-1111-4111-8111-111111111111';
export const secondTenant = '22222222-2222-4222-8222-222222222222';
/** Has tokens of the issuer, but is not on the list of tenants that may use the service. */
export const foreignTenant = '99999999-9999-4999-8999-999999999999';

export const root = path.resolve(import.meta.dirname, '../..');
export const bundle = path.join(root, 'dist/main.js');

export interface TestHost extends SpawnedHost {
	dataFolder: string;
	/** Stops the host, if it still runs, and removes its data. */
	dispose(): Promise<void>;
}

/** The real thing: the embedded host in a process of its own, over a real Azurite, running the deployed bundle. */
export async function startTestHost(
	options: { dataFolder?: string; settings?: Record<string, string>; inMemory?: boolean } = {},
): Promise<TestHost> {
	const dataFolder = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'sds-test-')));
	const host = await spawnHost({
		dataFolder,
		inMemory: options.inMemory ?? true,
		entry: bundle,
		// Uploads do not start a sync by themselves unless a test asks for it, however slow the machine is.
		settings: {
			AUTH_TENANTS: `${firstTenant},${secondTenant}`,
			QUIET_SECONDS: '600',
			RATE_LIMIT_PER_MINUTE: '0',
			...options.settings,
		},
	});
	return {
		...host,
		dataFolder,
		async dispose() {
			await host.stop();
			await rm(dataFolder, { recursive: true, force: true });
		},
	};
}
