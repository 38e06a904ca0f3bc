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
		// Kilobytes on Linux and macOS alike, says Node.
		peakMb: process.resourceUsage().maxRSS / 1024,
	};
	process.stdout.write(`${JSON.stringify(sample)}\n`);
}
