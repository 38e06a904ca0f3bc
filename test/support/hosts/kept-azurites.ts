import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';

/** Emulators over one folder, another one for each test; whatever runs at its end is stopped. */
export function keptAzurites() {
	let folder = '';
	let running: Azurite[] = [];

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'azurite-'));
	});

	afterEach(async () => {
		// One that was made unable to save says so once more.
		await Promise.allSettled(running.map((azurite) => azurite.stop()));
		running = [];
		rmSync(folder, { recursive: true, force: true });
	});

	return {
		dataFolder: () => folder,
		async start(): Promise<Azurite> {
			const azurite = await startAzurite({ dataFolder: folder, preferUsualPorts: false, log() {} });
			running.push(azurite);
			return azurite;
		},
	};
}
