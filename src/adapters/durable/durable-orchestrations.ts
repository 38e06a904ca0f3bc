import { setTimeout as pause } from 'node:timers/promises';
import { type DurableClient, OrchestrationRuntimeStatus } from 'durable-functions';
import { orchestratorNames } from '../../orchestrator-names.ts';
import type { Orchestrations, ProfileRef, SyncRef } from '../../ports.ts';

/**
 * One instance per profile: a second sync of it cannot even be started. Provisioning and removal are harmless to repeat,
 * and must never be skipped because an earlier one is just ending: they have no fixed ids.
 */
const instanceIds = {
	sync: (profileId: string) => `sync-${profileId}`,
	settle: (profileId: string, setId: string) => `settle-${profileId}-${setId}`,
} as const;

const unfinished: ReadonlySet<string> = new Set(['Pending', 'Running', 'Suspended', 'ContinuedAsNew']);

/** A command shows its effect a moment later: a sync gets so long to be suspended, resumed or ended. */
const effectPollMs = 200;
const effectPolls = 100;
/** After an end, a start is refused for a moment. */
const startAttempts = 15;

export function durableOrchestrations(client: DurableClient): Orchestrations {
	return {
		async provision(ref) {
			await client.startNew(orchestratorNames.provision, { input: ref });
		},
		async remove(ref) {
			await client.startNew(orchestratorNames.remove, { input: ref });
		},
		startSync: (run: SyncRef) =>
			startOnce(client, orchestratorNames.sync, { instanceId: instanceIds.sync(run.profileId), input: run }),
		async syncState(ref: ProfileRef) {
			const status = (await statusOf(client, instanceIds.sync(ref.profileId))) ?? '';
			if (status === 'Suspended') return 'suspended';
			return unfinished.has(status) ? 'running' : 'none';
		},
		suspendSync: ({ profileId }: ProfileRef) =>
			command(client, instanceIds.sync(profileId), {
				applies: (status) => unfinished.has(status) && status !== 'Suspended',
				send: (instanceId) => client.suspend(instanceId, 'The profile is paused.'),
			}),
		resumeSync: ({ profileId }: ProfileRef) =>
			command(client, instanceIds.sync(profileId), {
				applies: (status) => status === 'Suspended',
				send: (instanceId) => client.resume(instanceId, 'The profile is resumed.'),
			}),
		endSync: ({ profileId }: ProfileRef) =>
			command(client, instanceIds.sync(profileId), {
				applies: (status) => unfinished.has(status),
				send: (instanceId) => client.terminate(instanceId, 'The run was ended by a request.'),
			}),
		async settleUploads(ref: ProfileRef, setId: string) {
			const instanceId = instanceIds.settle(ref.profileId, setId);
			await startUnlessKnown(client, orchestratorNames.settle, { instanceId, input: { ...ref, setId } });
		},
		async forgetBefore(time) {
			const { Completed, Failed, Terminated, Canceled } = OrchestrationRuntimeStatus;
			const runtimeStatus = [Completed, Failed, Terminated, Canceled];
			await client.purgeInstanceHistoryBy({ createdTimeFrom: beginning, createdTimeTo: time, runtimeStatus });
		},
	};
}

/** Once for each id, however often it is asked for. */
export async function startUnlessKnown(
	client: DurableClient,
	name: string,
	options: { instanceId: string; input: object },
): Promise<void> {
	const isKnown = async () => (await statusOf(client, options.instanceId)) !== undefined;
	if (await isKnown()) return;
	try {
		await client.startNew(name, options);
	} catch (error) {
		// Somebody else was told of the same, and was faster.
		if (!(await isKnown())) throw error;
	}
}

/** Before any instance of this app; the platform wants to be told. */
const beginning = new Date('2020-01-01T00:00:00Z');

interface Command {
	/** Whether an instance with this status is still to be told. */
	applies(status: string): boolean;
	send(instanceId: string): Promise<void>;
}

/**
 * Sends a command to an instance that it applies to, and waits until it shows. The platform refuses to suspend what is suspended
 * and to resume what is not: after a refusal the state tells whether somebody else was faster.
 */
async function command(client: DurableClient, instanceId: string, { applies, send }: Command): Promise<void> {
	const isToBeTold = async () => applies((await statusOf(client, instanceId)) ?? '');
	if (!(await isToBeTold())) return;
	try {
		await send(instanceId);
	} catch (error) {
		if (await isToBeTold()) throw error;
	}
	for (let poll = 0; poll < effectPolls && (await isToBeTold()); poll++) await pause(effectPollMs);
}

/** Resolves to false if the instance is running already. */
async function startOnce(
	client: DurableClient,
	name: string,
	options: { instanceId: string; input: object },
): Promise<boolean> {
	for (let attempt = 1; ; attempt++) {
		if (await isUnfinished(client, options.instanceId)) return false;
		try {
			await client.startNew(name, options);
			return true;
		} catch (error) {
			// Somebody was faster between the question and the start; or the platform has not yet recorded the end that it shows.
			if (await isUnfinished(client, options.instanceId)) return false;
			if (attempt === startAttempts) throw error;
			await pause(effectPollMs);
		}
	}
}

async function isUnfinished(client: DurableClient, instanceId: string): Promise<boolean> {
	return unfinished.has((await statusOf(client, instanceId)) ?? '');
}

/** Undefined for an instance that never was: the client throws then, and says so in prose only. */
async function statusOf(client: DurableClient, instanceId: string): Promise<string | undefined> {
	try {
		return (await client.getStatus(instanceId)).runtimeStatus;
	} catch (error) {
		if (error instanceof Error && error.message.includes('HTTP 404 response')) return undefined;
		throw error;
	}
}
