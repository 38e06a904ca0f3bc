/** Runs jobs in order of arrival, at most `limit` at a time. */
export interface ActivityPool {
	add(job: () => Promise<void>): void;
	/** Starts nothing more. */
	close(): void;
	/** Settles when no job is running. */
	idle(): Promise<void>;
}

export function createActivityPool(limit: number): ActivityPool {
	const waiting: (() => Promise<void>)[] = [];
	const running = new Set<Promise<void>>();
	let isClosed = false;
	function next(): void {
		while (!isClosed && running.size < limit) {
			const job = waiting.shift();
			if (!job) return;
			const run = job().finally(() => {
				running.delete(run);
				next();
			});
			running.add(run);
		}
	}
	return {
		add(job) {
			waiting.push(job);
			next();
		},
		close() {
			isClosed = true;
		},
		async idle() {
			while (running.size > 0) await Promise.all(running);
		},
	};
}
