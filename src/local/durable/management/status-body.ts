import { eventTypes, type HistoryEvent } from '../storage/history-events.ts';
import { type InstanceRecord, runtimeStatus } from '../storage/instance-record.ts';

/** The status of an instance as clients read it; the SDK demands that `input` and `output` are there. */
export function statusBody(record: InstanceRecord, { showInput }: { showInput: boolean }) {
	const { name, instanceId, input, output, customStatus, createdTime, lastUpdatedTime } = record;
	return {
		name,
		instanceId,
		runtimeStatus: runtimeStatus(record),
		input: showInput ? parse(input) : null,
		customStatus: parse(customStatus),
		output: parse(output),
		createdTime: toSeconds(createdTime),
		lastUpdatedTime: toSeconds(lastUpdatedTime),
	};
}

const eventNames: Record<number, string> = Object.fromEntries(
	Object.entries(eventTypes).map(([name, type]) => [type, name.charAt(0).toUpperCase() + name.slice(1)]),
);

/** Events of the kinds that say nothing to a reader. */
const unshownTypes: ReadonlySet<number> = new Set([eventTypes.orchestratorStarted, eventTypes.orchestratorCompleted]);

/** History for readers: names instead of numbers, and results only if asked for. */
export function historyBody(history: readonly HistoryEvent[], { showOutput }: { showOutput: boolean }) {
	return history
		.filter(({ EventType }) => !unshownTypes.has(EventType))
		.map(({ EventType, EventId, IsPlayed: _, ...fields }) => ({
			EventType: eventNames[EventType],
			...(EventId < 0 ? {} : { EventId }),
			...fields,
			...('Result' in fields ? { Result: showOutput ? parse(fields.Result) : null } : {}),
		}));
}

function parse(json: string | null): unknown {
	return json === null ? null : JSON.parse(json);
}

/** Whole seconds, as on Azure. */
function toSeconds(time: string): string {
	return `${time.slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
}
