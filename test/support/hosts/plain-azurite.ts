import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** The tables of Azurite as its authors made it, to compare with ours; without a folder in memory. */
export async function startPlainTables(folder?: string): Promise<{ connectionString: string; stop(): Promise<void> }> {
	const main = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
	const ports = ['--blobPort', '0', '--queuePort', '0', '--tablePort', '0'];
	const place = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
	const child = spawn(
		process.execPath,
		[main, ...ports, ...place, '--silent', '--skipApiVersionCheck', '--disableTelemetry'],
		{
			stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
		},
	);
	for await (const line of createInterface({ input: child.stdout as Readable })) {
		const [, url] = /^Azurite Table service is successfully listening at (\S+)/.exec(line) ?? [];
		if (url === undefined) continue;
		child.stdout?.resume();
		const account = 'devstoreaccount1';
		return {
			connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};TableEndpoint=${url}/${account}`,
			async stop() {
				const ended = once(child, 'exit');
				// The channel would keep it alive.
				child.send('shutdown', () => child.disconnect());
				await ended;
			},
		};
	}
	throw new Error('Azurite did not start.');
}
