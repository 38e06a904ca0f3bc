import type { DurableClient } from 'durable-functions';
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

/** How long a terminated sync gets to stop; the steps that still run find the profile deleted. */
const terminatePollMs = 200;
const terminatePolls = 100;

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
		async suspendSync(ref: ProfileRef) {
			const instanceId = instanceIds.sync(ref.profileId);
			if (await isUnfinished(client, instanceId)) await client.suspend(instanceId, 'The profile is paused.');
		},
		async resumeSync(ref: ProfileRef) {
			const instanceId = instanceIds.sync(ref.profileId);
			if (await isUnfinished(client, instanceId)) await client.resume(instanceId, 'The profile is resumed.');
		},
		async endSync(ref: ProfileRef) {
			const instanceId = instanceIds.sync(ref.profileId);
			if (!(await isUnfinished(client, instanceId))) return;
			await client.terminate(instanceId, 'The run was ended by a request.');
			for (let poll = 0; poll < terminatePolls && (await isUnfinished(client, instanceId)); poll++) {
				await new Promise((resolve) => setTimeout(resolve, terminatePollMs));
			}
		},
		async settleUploads(ref: ProfileRef, setId: string) {
			const instanceId = instanceIds.settle(ref.profileId, setId);
			if ((await statusOf(client, instanceId)) !== undefined) return;
			await startOnce(client, orchestratorNames.settle, { instanceId, input: { ...ref, setId } });
		},
	};
}

/** Resolves to false if the instance is running already. */
async function startOnce(
	client: DurableClient,
	name: string,
	options: { instanceId: string; input: object },
): Promise<boolean> {
	if (await isUnfinished(client, options.instanceId)) return false;
	try {
		await client.startNew(name, options);
		return true;
	} catch (error) {
		// Somebody was faster between the question and the start.
		if (await isUnfinished(client, options.instanceId)) return false;
		throw error;
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
