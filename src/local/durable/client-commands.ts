import type { EngineCore } from './engine-core.ts';
import { type HistoryEvent, type NewEvent, stampEvent } from './history-events.ts';
import { checkInstanceId, createInstance, newId } from './instance-creation.ts';
import type { InstanceRecord } from './instance-record.ts';
import type { InstancePage } from './instance-store.ts';
import type { LiveInstance } from './live-instance.ts';
import { RequestRefused } from './request-refused.ts';

export interface StartRequest {
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
	/** Delivers an event, or suspends, resumes or terminates: durable once it resolves. */
	send(instanceId: string, event: NewEvent): Promise<void>;
	read(instanceId: string): Promise<InstanceRecord | undefined>;
	readHistory(instanceId: string): Promise<HistoryEvent[]>;
	list(options: { pageSize: number; continuationToken?: string }): Promise<InstancePage>;
	/** False if there is no such instance, or it is still running. */
	purge(instanceId: string): Promise<boolean>;
}

export function createClientCommands(core: EngineCore, wake: (instance: LiveInstance) => void): ClientCommands {
	const { store, lock } = core;
	return {
		async startInstance({ name, instanceId = newId(), version = '', input }) {
			const target = core.functions.orchestrator(name);
			if (!target) throw unknownOrchestrator(core, name);
			checkInstanceId(instanceId);
			return await lock(instanceId, async () => {
				const instance = await createInstance(core, instanceId, { name: target.name, version, input, parent: null });
				const { record } = instance.stored;
				wake(instance);
				return record;
			});
		},
		send: (instanceId, event) => lock(instanceId, () => send(core, wake, { instanceId, event })),
		read: store.read,
		readHistory: async (instanceId) => (await store.load(instanceId))?.history ?? [],
		list: store.list,
		purge: (instanceId) =>
			lock(instanceId, async () => {
				if (core.live.has(instanceId) || !(await store.read(instanceId))) return false;
				await store.purge(instanceId);
				return true;
			}),
	};
}

function unknownOrchestrator({ functions }: EngineCore, name: string): RequestRefused {
	const known = functions.orchestratorNames.map((one) => `"${one}"`).join(', ') || 'none';
	return new RequestRefused(
		400,
		`Cannot start "${name}": the app has no orchestrator function with this name; it has ${known}`,
	);
}

async function send(
	{ live, store, clock, nextSequence }: EngineCore,
	wake: (instance: LiveInstance) => void,
	{ instanceId, event }: { instanceId: string; event: NewEvent },
): Promise<void> {
	const instance = live.get(instanceId);
	if (!instance) {
		const record = await store.read(instanceId);
		if (!record) throw new RequestRefused(404, `There is no instance "${instanceId}"`);
		throw new RequestRefused(410, `The instance "${instanceId}" is ${record.status} and takes no more messages`);
	}
	const message = { sequence: nextSequence(), event: stampEvent(event, clock.now()), isStored: true };
	await store.addMessage(instanceId, message);
	if (live.get(instanceId) === instance) {
		instance.inbox.set(message.sequence, message);
		wake(instance);
	} else {
		// It has finished in the meantime, and so the message has no effect.
		await store.removeMessages(instanceId, [message]);
	}
}
