import { resolve } from 'node:path';
import { systemClock } from './clock.ts';
import { syncCommand } from './sync-command.ts';

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
	process.on(name, () => {
		// Whoever asks twice does not want to wait for anything to be tidied up.
		if (interruption.signal.aborted) process.exit(130);
		interruption.abort();
	});
}
// A reader such as `head` may have gone; there is nobody left to tell.
process.stdout.on('error', () => process.exit(2));

process.exitCode = await syncCommand(process.argv.slice(2), {
	environment: process.env,
	// npm changes to the repository and remembers where the user was.
	currentFolder: process.env.INIT_CWD ?? process.cwd(),
	repositoryFolder: resolve(import.meta.dirname, '../..'),
	stdout: process.stdout,
	stderr: process.stderr,
	clock: systemClock,
	signal: interruption.signal,
	async startHost({ dataFolder, directory }) {
		const { spawnHost } = await import('../local/process/spawn-host.ts');
		return spawnHost({ dataFolder, ...(directory ? { directory } : {}) });
	},
});
