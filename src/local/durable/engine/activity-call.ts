import type { RegisteredFunction, TypedData, Worker } from '../../worker/worker-contract.ts';
import type { DurableFunctions } from '../durable-functions.ts';
import { eventTypes, type NewEvent, type TaskScheduled } from '../storage/history-events.ts';

export interface ActivityCall {
	task: TaskScheduled;
	instanceId: string;
}

/** The failure of an activity is a value, too. */
export type RunActivity = (call: ActivityCall) => Promise<NewEvent>;

/** Runs them in this process. */
export const activitiesOf =
	(worker: Pick<Worker, 'invoke'>, functions: DurableFunctions): RunActivity =>
	(call) =>
		callActivity(worker, functions.activity(call.task.Name), call);

async function callActivity(
	worker: Pick<Worker, 'invoke'>,
	target: RegisteredFunction | undefined,
	{ task, instanceId }: ActivityCall,
): Promise<NewEvent> {
	if (!target) {
		const reason = `The function '${task.Name}' doesn't exist, is disabled, or is not an activity function.`;
		return taskFailed(task, reason, reason);
	}
	const [input]: unknown[] = JSON.parse(task.Input);
	const data = toActivityInput(input);
	try {
		const { returnValue } = await worker.invoke(target.id, {
			inputData: [{ name: target.trigger.name, data }],
			triggerMetadata: { instanceId: { string: instanceId }, data },
		});
		return { EventType: eventTypes.taskCompleted, TaskScheduledId: task.EventId, Result: toResult(returnValue) };
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return taskFailed(task, `Activity function '${task.Name}' failed: ${message}`, message);
	}
}

/** With the serialized .NET exception that Azure adds, as far as it exists here. */
function taskFailed({ EventId }: TaskScheduled, reason: string, message: string): NewEvent {
	const exception = { $type: 'System.Exception, System.Private.CoreLib', ClassName: 'System.Exception' };
	const details = JSON.stringify({ ...exception, Message: message });
	return { EventType: eventTypes.taskFailed, TaskScheduledId: EventId, Reason: reason, Details: details };
}

/** Azure binds the input to a .NET string: `true` becomes "True", which is no JSON any more, and arrives as text. */
function toActivityInput(input: unknown): TypedData {
	if (input === null) return {};
	if (typeof input === 'string') return { string: input };
	if (typeof input === 'boolean') return { string: input ? 'True' : 'False' };
	return { string: JSON.stringify(input) };
}

function toResult({ string, json, bytes, int, double }: TypedData = {}): string {
	if (json !== undefined) return json;
	if (bytes !== undefined) return JSON.stringify(Buffer.from(bytes).toString('base64'));
	return JSON.stringify(string ?? int ?? double ?? null);
}
