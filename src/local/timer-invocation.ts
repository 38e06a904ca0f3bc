import type { HostClock } from './host-clock.ts';
import { errorLine, type HostLog } from './host-log.ts';
import { retryDelayMs } from './retry-policy.ts';
import { NEVER, type TimerStatus } from './timer-status.ts';
import type { RegisteredFunction, Worker } from './worker-contract.ts';

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
			const retryContext = retryCount === 0 ? {} : { retryContext: { retryCount, maxRetryCount } };
			await host.worker.invoke(target.id, { inputData, ...retryContext });
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
	// The first run has no past; Azure's typing hides that `scheduleStatus` can be null.
	const scheduleStatus = status === undefined || status.Last === NEVER ? null : status;
	return JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: scheduleStatus, IsPastDue: isPastDue });
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
