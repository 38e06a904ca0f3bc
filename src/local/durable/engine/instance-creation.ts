import { randomUUID } from 'node:crypto';
import { type InstanceRecord, runtimeStatus } from '../storage/instance-record.ts';
import type { EngineCore } from './engine-core.ts';
import { type LiveInstance, toLiveInstance } from './live-instance.ts';
import { RequestRefused } from './request-refused.ts';

export interface NewInstance {
	name: string;
	version: string;
	/** JSON text. */
	input: string | null;
	parent: InstanceRecord['parent'];
}

/** GUID without hyphens, as Azure names instances and executions. */
export function newId(): string {
	return randomUUID().replaceAll('-', '');
}

/**
 * Azure's documented rule, and no blanks. Its HTTP API takes more, but the SDK puts ids into URLs as they are, and they arrive as
 * others.
 */
export function checkInstanceId(instanceId: string): void {
	const hasControl = [...instanceId].some((character) => (character.codePointAt(0) ?? 0) < 0x20);
	if (instanceId.length <= maxIdLength && !/[/\\#?\s]|^@/.test(instanceId) && !hasControl) return;
	throw new RequestRefused(
		400,
		`Cannot use the instance id "${instanceId}": it must have at most ${maxIdLength} characters, none of them "/", "\\", "#", "?", a blank or a control character, and must not start with "@"`,
	);
}

const maxIdLength = 100;

/**
 * Creates an instance; the caller holds the lock of its id. Refuses the id of one that still runs. A finished one gives
 * way, and so does one that is in the table only: its creation seemed to fail, and nobody was told of it.
 */
export async function createInstance(
	core: EngineCore,
	instanceId: string,
	{ name, version, input, parent }: NewInstance,
): Promise<LiveInstance> {
	const running = core.live.get(instanceId);
	if (running) {
		throw new RequestRefused(
			409,
			`Cannot start "${name}" as "${instanceId}": an instance with this id is ${runtimeStatus(running.stored.record)}, and must be Completed, Failed or Terminated before the id is used again`,
		);
	}
	if (await core.store.read(instanceId)) await core.store.purge(instanceId);
	const now = core.clock.now().toISOString();
	const stored = await core.store.create({
		instanceId,
		name,
		version,
		executionId: newId(),
		status: 'Pending',
		isSuspended: false,
		input,
		output: null,
		customStatus: null,
		createdTime: now,
		lastUpdatedTime: now,
		parent,
		historyLength: 0,
	});
	const instance = toLiveInstance(stored);
	core.live.set(instanceId, instance);
	return instance;
}
