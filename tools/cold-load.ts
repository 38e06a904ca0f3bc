import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** How long a fresh process takes to load the app's entry: milliseconds, the median of several. */
export function measureColdLoad(entry: string, rounds = 7): number {
	const script = path.join(import.meta.dirname, 'load-app.cjs');
	const times = Array.from({ length: rounds }, () => {
		const { stdout, stderr, status } = spawnSync(process.execPath, [script, entry], { encoding: 'utf8' });
		if (status !== 0) throw new Error(`Cannot load ${entry}: ${stderr.trim().split('\n').at(-1)}`);
		return Number(stdout);
	});
	return times.sort((left, right) => left - right)[Math.floor(rounds / 2)] as number;
}
