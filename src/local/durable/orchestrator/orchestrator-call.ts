import type { RegisteredFunction, Worker } from '../../worker/worker-contract.ts';
import type { HistoryEvent } from '../storage/history-events.ts';
import type { InstanceRecord } from '../storage/instance-record.ts';
import type { Action } from './orchestrator-actions.ts';
import { longTimerStepMs, maxShortTimerMs } from './timer-steps.ts';

/** What an orchestrator function has reported. */
export interface OrchestratorOutcome {
	isDone: boolean;
	/** All of the execution so far, in the order in which they were yielded. */
	actions: Action[];
	output?: unknown;
	customStatus?: unknown;
	/** Why it failed; absent if it did not. */
	failure?: string;
}

/** Parts the text of a failure from the state that the SDK appends to it. */
const stateLabel = '\n\n$OutOfProcData$:';

/** One inner array: the SDK's replay schema V3 does not part actions by yield. */
type SdkState = Omit<OrchestratorOutcome, 'actions' | 'failure'> & { actions: Action[][]; error?: string };

/** Calls the orchestrator function with its history, the new events last. */
export async function callOrchestrator(
	worker: Pick<Worker, 'invoke'>,
	target: RegisteredFunction,
	input: string,
): Promise<OrchestratorOutcome> {
	try {
		const data = { string: input };
		const { returnValue } = await worker.invoke(target.id, { inputData: [{ name: target.trigger.name, data }] });
		const { actions, ...state }: SdkState = JSON.parse(returnValue?.json ?? '');
		return { ...state, actions: actions.flat() };
	} catch (error) {
		return toFailedOutcome(error instanceof Error ? error.message : String(error));
	}
}

function toFailedOutcome(message: string): OrchestratorOutcome {
	const at = message.indexOf(stateLabel);
	if (at < 0) return { isDone: false, actions: [], failure: message };
	const { actions, error, ...state }: SdkState = JSON.parse(message.slice(at + stateLabel.length));
	return { ...state, actions: actions.flat(), failure: error ?? message.slice(0, at) };
}

/** JSON text of an `orchestrationTrigger` binding. */
export function orchestratorInput(
	{ instanceId, input, parent }: InstanceRecord,
	past: readonly HistoryEvent[],
	fresh: readonly HistoryEvent[],
): string {
	const history = [...past.map((event) => ({ ...event, IsPlayed: true })), ...fresh];
	return JSON.stringify({
		history,
		input: input === null ? null : JSON.parse(input),
		instanceId,
		isReplaying: past.length > 0,
		parentInstanceId: parent?.instanceId ?? null,
		// The SDK goes by the second: V3, in which timers and HTTP calls know the durations below.
		upperSchemaVersion: 1,
		upperSchemaVersionNew: 2,
		longRunningTimerIntervalDuration: toTimeSpan(longTimerStepMs),
		maximumShortTimerDuration: toTimeSpan(maxShortTimerMs),
		// Spelled as the SDK reads it.
		defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
	});
}

/** .NET's notation of whole days. */
function toTimeSpan(durationMs: number): string {
	return `${durationMs / (24 * 60 * 60 * 1000)}.00:00:00`;
}
