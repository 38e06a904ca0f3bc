import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type SpawnedHost, spawnHost } from '../../../src/local/process/spawn-host.ts';
import { deployedApp } from './deployed-app.ts';

export const firstTenant = '11111111-1111-4111-8111-111111111111';
export const secondTenant = '22222222-2222-4222-8222-222222222222';
/** Has tokens of the issuer, but is not on the list of tenants that may use the service. */
export const foreignTenant = '99999999-9999-4999-8999-999999999999';

export const root = path.resolve(import.meta.dirname, '../../..');

export interface TestHost extends SpawnedHost {
	/** A copy of what is deployed; it is gone once the host has ended, however that happened. */
	appFolder: string;
	dataFolder: string;
	/** Stops the host, if it still runs, and removes its data. */
	dispose(): Promise<void>;
}

interface TestHostOptions {
	dataFolder?: string;
	settings?: Record<string, string>;
	inMemory?: boolean;
	/** Of an emulator that runs already, and may have other hosts. */
	storage?: string;
}

/**
 * The real thing: the embedded host in a process of its own, over a real Azurite, running the built bundle from a folder that
 * holds what is deployed and nothing else. As on Azure, `main` of package.json says what to load.
 */
export async function startTestHost(options: TestHostOptions = {}): Promise<TestHost> {
	const dataFolder = options.dataFolder ?? (await mkdtemp(path.join(tmpdir(), 'sds-test-')));
	const appFolder = await deployedApp();
	const removeApp = () => rm(appFolder, { recursive: true, force: true });
	const host = await spawnHost({
		appFolder,
		dataFolder,
		inMemory: options.inMemory ?? true,
		...(options.storage === undefined ? {} : { storage: options.storage }),
		// Uploads do not start a sync by themselves unless a test asks for it, however slow the machine is.
		settings: {
			AUTH_TENANTS: `${firstTenant},${secondTenant}`,
			QUIET_SECONDS: '600',
			RATE_LIMIT_PER_MINUTE: '0',
			...options.settings,
		},
	}).catch(async (error) => {
		await removeApp();
		throw error;
	});
	const ended = host.ended.finally(removeApp);
	return {
		...host,
		appFolder,
		dataFolder,
		ended,
		async dispose() {
			await host.stop();
			await ended;
			await rm(dataFolder, { recursive: true, force: true });
		},
	};
}
