import type { HostClock } from '../host-clock.ts';
import { errorLine, type HostLog } from '../host-log.ts';
import type { RegisteredFunction, Worker } from '../worker/worker-contract.ts';
import { retryDelayMs } from './retry-policy.ts';
import type { TimerStatus } from './timer-status.ts';

interface Surroundings {
	worker: Worker;
	clock: HostClock;
	log: HostLog;
}

interface Occasion {
	isPastDue: boolean;
	status: TimerStatus | undefined;
	/** Ends the waiting for a retry. */
	stopping: AbortSignal;
}

/** Calls a timer function, again and again as its retry policy says; rejects with the last error. */
export async function invokeWithRetry(
	target: RegisteredFunction,
	host: Surroundings,
	occasion: Occasion,
): Promise<void> {
	const policy = target.retryOptions;
	const maxRetryCount = policy?.maxRetryCount ?? 0;
	const inputData = [{ name: target.trigger.name, data: { json: toPayload(occasion) } }];
	for (let retryCount = 0; ; retryCount += 1) {
		try {
			await host.worker.invoke(target.id, { inputData, retryContext: { retryCount, maxRetryCount } });
			return;
		} catch (error) {
			const exhausted = maxRetryCount !== -1 && retryCount >= maxRetryCount;
			if (!policy || exhausted || occasion.stopping.aborted) throw error;
			host.log('warning', `Timer function "${target.name}" failed and is retried: ${errorLine(error)}`);
			await pause(host.clock, retryDelayMs(policy, retryCount), occasion.stopping);
			if (occasion.stopping.aborted) throw error;
		}
	}
}

function toPayload({ isPastDue, status }: Occasion): string {
	// Without monitoring there is no status, which Azure's typing hides; in the first run, the last one was in the year 1.
	const ScheduleStatus = status ?? null;
	return JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus, IsPastDue: isPastDue });
}

async function pause(clock: HostClock, delayMs: number, stopping: AbortSignal): Promise<void> {
	await new Promise<void>((resolve) => {
		const cancel = clock.after(delayMs, resolve);
		stopping.addEventListener('abort', () => {
			cancel();
			resolve();
		});
	});
}
