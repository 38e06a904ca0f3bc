import { readFileSync } from 'node:fs';

/** What one fresh process reports: rows seen, wall time, and its own peak memory. */
export interface Sample {
	rows: number;
	ms: number;
	peakMb: number;
}

export function printSample(startedAt: number, rows: number): void {
	const sample: Sample = {
		rows,
		ms: performance.now() - startedAt,
		peakMb: peakMegabytes(),
	};
	process.stdout.write(`${JSON.stringify(sample)}\n`);
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
	return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Where `/proc` tells: the resource usage that Linux gives to a process also counts its parent at the time of the fork. */
export function peakMegabytes(): number {
	try {
		const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
		if (peak) return Number(peak) / 1024;
	} catch {}
	return process.resourceUsage().maxRSS / 1024;
}
