import {
	type ExecutionStarted,
	eventTypes,
	type HistoryEvent,
	hasBegun,
	type NewEvent,
	stampEvent,
} from '../storage/history-events.ts';
import type { InstanceRecord, Message } from '../storage/instance-record.ts';
import type { EpisodeCommit } from '../storage/instance-store.ts';
import { type Selection, selectMessages } from './message-selection.ts';
import { actionTypes, type ContinueAsNewAction } from './orchestrator-actions.ts';
import type { OrchestratorOutcome } from './orchestrator-call.ts';
import { walkShadow } from './shadow-walk.ts';
import { WorkflowFailure } from './workflow-failure.ts';

export interface EpisodeSetting {
	record: InstanceRecord;
	history: readonly HistoryEvent[];
	inbox: Iterable<Message>;
	now: Date;
	newExecutionId(): string;
	/** Rejects with `WorkflowFailure` when the orchestrator cannot be called at all. */
	orchestrate(past: readonly HistoryEvent[], fresh: readonly HistoryEvent[]): Promise<OrchestratorOutcome>;
}

type Change = { events: HistoryEvent[] } & Partial<InstanceRecord>;

/** Plays one turn of an instance: takes messages, lets the orchestrator decide, and returns what must be committed. */
export async function playEpisode(setting: EpisodeSetting): Promise<EpisodeCommit> {
	const { record, history, inbox, now } = setting;
	const selection = selectMessages(inbox, record, history);
	const { events, ...changes } = await decide(setting, selection);
	const historyLength = (changes.historyLength ?? record.historyLength) + events.length;
	const next = { ...record, ...changes, historyLength, lastUpdatedTime: now.toISOString() };
	return { record: next, events, consumed: selection.taken };
}

async function decide(setting: EpisodeSetting, selection: Selection): Promise<Change> {
	const { record, history } = setting;
	const { termination, isSuspended } = selection;
	if (termination) return terminate(setting, termination);
	const begins = !hasBegun(history) && !(record.isSuspended && isSuspended);
	const started: HistoryEvent[] = begins ? [executionStarted(setting)] : [];
	const fresh = [...started, ...selection.events];
	if (fresh.length === 0) return { events: [] };
	const opened = [orchestratorStarted(setting, fresh), ...fresh];
	const status = begins || hasBegun(history) ? 'Running' : 'Pending';
	// Being suspended or resumed alone is no business of the orchestrator.
	const state = { status, isSuspended, ...outputOf(fresh) } as const;
	if (fresh.every(isControl)) return { ...state, events: [...opened, completed(setting)] };
	return { ...state, ...(await orchestrate(setting, opened)) };
}

/** The reason of the last suspension or resumption stands as output until there is a real one. */
function outputOf(fresh: readonly HistoryEvent[]): { output?: string } {
	const reasons = fresh.flatMap((event) => (isControl(event) && 'Reason' in event ? [event.Reason] : []));
	const last = reasons.at(-1);
	return last === undefined ? {} : { output: JSON.stringify(last) };
}

async function orchestrate(setting: EpisodeSetting, opened: HistoryEvent[]): Promise<Change> {
	const { record, history, now } = setting;
	try {
		const outcome = await setting.orchestrate(history, opened);
		const customStatus = toCustomStatus(outcome) ?? record.customStatus;
		const newTasks = walkShadow([...history, ...opened], outcome.actions, record.executionId);
		const again = outcome.actions.find((action) => action.actionType === actionTypes.continueAsNew);
		if (again && outcome.failure === undefined) return { customStatus, ...continueAsNew(setting, again) };
		const scheduled = newTasks.map((event) => stampEvent(event, now));
		const events = [...opened, ...scheduled];
		if (outcome.failure !== undefined) return { customStatus, ...fail(setting, events, outcome.failure) };
		if (!outcome.isDone) return { customStatus, events: [...events, completed(setting)] };
		const output = JSON.stringify(outcome.output ?? null);
		return { customStatus, ...finish(setting, events, { status: 'Completed', output }) };
	} catch (error) {
		if (!(error instanceof WorkflowFailure)) throw error;
		return fail(setting, opened, error.message);
	}
}

/** Whatever waits for the old execution is dropped with it; the new one begins in an episode of its own. */
function continueAsNew({ newExecutionId, now }: EpisodeSetting, { input = null }: ContinueAsNewAction): Change {
	const fresh = { executionId: newExecutionId(), status: 'Pending', historyLength: 0, output: null } as const;
	return { ...fresh, createdTime: now.toISOString(), input: JSON.stringify(input), events: [] };
}

function terminate(setting: EpisodeSetting, termination: HistoryEvent): Change {
	const output = 'Input' in termination ? termination.Input : null;
	const opened = [orchestratorStarted(setting, []), termination];
	return finish(setting, opened, { status: 'Terminated', output });
}

function fail(setting: EpisodeSetting, events: HistoryEvent[], failure: string): Change {
	const output = JSON.stringify(`Orchestrator function '${setting.record.name}' failed: ${failure}`);
	return finish(setting, events, { status: 'Failed', output });
}

type Ending = { status: 'Completed' | 'Failed' | 'Terminated'; output: string | null };

function finish(setting: EpisodeSetting, events: HistoryEvent[], ending: Ending): Change {
	const { status: OrchestrationStatus, output: Result } = ending;
	const end = { EventType: eventTypes.executionCompleted, OrchestrationStatus, Result } satisfies NewEvent;
	return { ...ending, isSuspended: false, events: [...events, stampEvent(end, setting.now), completed(setting)] };
}

/** In UTF-16 characters of JSON. Azure documents 16 KB, which would be 8,192, and was seen to take some more. */
const maxCustomStatusLength = 8_700;

function toCustomStatus({ customStatus }: OrchestratorOutcome): string | undefined {
	if (customStatus === undefined) return undefined;
	const text = JSON.stringify(customStatus);
	if (text.length > maxCustomStatusLength) {
		throw new WorkflowFailure('The size of the JSON-serialized payload must not exceed 16 KB of UTF-16 text.');
	}
	return text;
}

function isControl({ EventType }: HistoryEvent): boolean {
	return EventType === eventTypes.executionSuspended || EventType === eventTypes.executionResumed;
}

function completed({ now }: EpisodeSetting): HistoryEvent {
	return stampEvent({ EventType: eventTypes.orchestratorCompleted }, now);
}

/** Its time is the orchestrator's `currentUtcDateTime`: never before a timer that has fired, whatever the clock says. */
function orchestratorStarted({ now }: EpisodeSetting, fresh: readonly HistoryEvent[]): HistoryEvent {
	const fired = fresh.flatMap((event) => ('TimerId' in event ? [Date.parse(event.FireAt)] : []));
	return stampEvent({ EventType: eventTypes.orchestratorStarted }, new Date(Math.max(now.getTime(), ...fired)));
}

function executionStarted({ record, now }: EpisodeSetting): HistoryEvent {
	const { instanceId, executionId, parent, name: Name, version: Version, input: Input } = record;
	const started: Omit<ExecutionStarted, 'EventId' | 'IsPlayed' | 'Timestamp'> = {
		EventType: eventTypes.executionStarted,
		Name,
		Version,
		Input,
		Tags: null,
		OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
		ParentInstance: parent && {
			OrchestrationInstance: { InstanceId: parent.instanceId, ExecutionId: parent.executionId },
			TaskScheduleId: parent.taskId,
		},
	};
	return stampEvent(started, now);
}
