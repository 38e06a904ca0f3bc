import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** How long a fresh process takes to load the app of a folder: milliseconds, the median of several. */
export function measureColdLoad(appFolder: string, rounds = 7): number {
	const script = path.join(import.meta.dirname, 'load-app.ts');
	const options = ['--disable-warning=ExperimentalWarning', script, appFolder];
	const times = Array.from({ length: rounds }, () => {
		const { stdout, stderr, status } = spawnSync(process.execPath, options, { encoding: 'utf8' });
		if (status !== 0) throw new Error(`Cannot load the app in ${appFolder}: ${stderr.trim().split('\n').at(-1)}`);
		return Number(stdout);
	});
	return times.sort((left, right) => left - right)[Math.floor(rounds / 2)] as number;
}
