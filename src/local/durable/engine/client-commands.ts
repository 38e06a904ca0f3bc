import { eventTypes, type HistoryEvent, type NewEvent, stampEvent } from '../storage/history-events.ts';
import { type InstanceRecord, runtimeStatus } from '../storage/instance-record.ts';
import type { InstancePage } from '../storage/instance-store.ts';
import type { EngineCore } from './engine-core.ts';
import { checkInstanceId, createInstance, newId } from './instance-creation.ts';
import { cancelTimers, type LiveInstance } from './live-instance.ts';
import { RequestRefused } from './request-refused.ts';

interface StartRequest {
	name: string;
	/** Default: a new GUID. */
	instanceId?: string;
	version?: string;
	/** JSON text. */
	input: string | null;
}

/** What clients can do. Refuses with `RequestRefused`; any other error is one of storage. */
export interface ClientCommands {
	startInstance(request: StartRequest): Promise<InstanceRecord>;
	/**
	 * Delivers an event, or suspends, resumes or terminates: durable once it resolves. As on Azure, suspending is refused where
	 * the instance is recorded as suspended, and resuming where it is not; until that is recorded, both are accepted again.
	 */
	send(instanceId: string, event: NewEvent): Promise<void>;
	read(instanceId: string): Promise<InstanceRecord | undefined>;
	readHistory(instanceId: string): Promise<HistoryEvent[]>;
	list(options: { pageSize: number; continuationToken?: string }): Promise<InstancePage>;
	/** Deletes the instance, whatever it does; false if there is none. */
	purge(instanceId: string): Promise<boolean>;
}

/** How long Azure lets a termination wait in its queue, so that a start right after it still meets the old instance. */
const terminationLagMs = 100;

export function createClientCommands(core: EngineCore, wake: (instance: LiveInstance) => void): ClientCommands {
	const { store, lock } = core;
	const starting = new Map<string, Promise<InstanceRecord>>();
	return {
		async startInstance({ name, instanceId = newId(), version = '', input }) {
			checkInstanceId(instanceId);
			// Several starts of one id at once are all accepted, as on Azure, and one of them runs.
			const other = starting.get(instanceId);
			if (other) return await other;
			const start = lock(instanceId, async () => {
				const known = core.functions.orchestrator(name)?.name ?? name;
				const instance = await createInstance(core, instanceId, { name: known, version, input, parent: null });
				const { record } = instance.stored;
				wake(instance);
				return record;
			});
			starting.set(instanceId, start);
			try {
				return await start;
			} finally {
				starting.delete(instanceId);
			}
		},
		send: (instanceId, event) => lock(instanceId, () => send(core, wake, { instanceId, event })),
		read: store.read,
		readHistory: async (instanceId) => (await store.load(instanceId))?.history ?? [],
		list: store.list,
		purge: (instanceId) =>
			lock(instanceId, async () => {
				const instance = core.live.get(instanceId);
				if (instance) cancelTimers(instance);
				core.live.delete(instanceId);
				if (!(await store.read(instanceId))) return false;
				await store.purge(instanceId);
				return true;
			}),
	};
}

async function send(
	core: EngineCore,
	wake: (instance: LiveInstance) => void,
	{ instanceId, event }: { instanceId: string; event: NewEvent },
): Promise<void> {
	const { live, store, clock, nextSequence } = core;
	const instance = live.get(instanceId);
	if (!instance) {
		const record = await store.read(instanceId);
		if (!record) throw new RequestRefused(404, `There is no instance "${instanceId}"`);
		throw new RequestRefused(410, `The instance "${instanceId}" is ${record.status} and takes no more messages`);
	}
	requireOtherState(instance.stored.record, event);
	const message = { sequence: nextSequence(), event: stampEvent(event, clock.now()), isStored: true };
	await store.addMessage(instanceId, message);
	if (live.get(instanceId) === instance) {
		const deliver = () => {
			instance.inbox.set(message.sequence, message);
			wake(instance);
		};
		if (event.EventType === eventTypes.executionTerminated) core.track(afterLag(core, deliver));
		else deliver();
	} else {
		// It has finished in the meantime, and so the message has no effect.
		await store.removeMessages(instanceId, [message]);
	}
}

async function afterLag({ pause }: EngineCore, deliver: () => void): Promise<void> {
	await pause(terminationLagMs);
	deliver();
}

function requireOtherState(record: InstanceRecord, { EventType }: NewEvent): void {
	const { instanceId, isSuspended } = record;
	const isAlready =
		(EventType === eventTypes.executionSuspended && isSuspended) ||
		(EventType === eventTypes.executionResumed && !isSuspended);
	if (!isAlready) return;
	const action = isSuspended ? 'suspend' : 'resume';
	throw new RequestRefused(500, `Cannot ${action} the instance "${instanceId}": it is ${runtimeStatus(record)}`);
}
