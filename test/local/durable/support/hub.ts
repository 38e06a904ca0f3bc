import { setTimeout } from 'node:timers/promises';
import { connectHub } from '../../../../src/local/durable/durable-engine.ts';
import { createEngine, type Engine } from '../../../../src/local/durable/engine/engine.ts';
import { type InstanceRecord, isFinished } from '../../../../src/local/durable/storage/instance-record.ts';
import type { InstanceStore } from '../../../../src/local/durable/storage/instance-store.ts';
import { type HostClock, systemClock } from '../../../../src/local/host-clock.ts';
import type { DurableSetup } from './durable-host.ts';

interface HubEngine extends Engine {
	logged: string[];
}

export interface Hub {
	store: InstanceStore;
	/** An engine that has not recovered yet; the store may be one that fails. */
	engine(options?: { store?: InstanceStore; clock?: HostClock }): HubEngine;
	/** Every instance, from the table. */
	records(): Promise<InstanceRecord[]>;
	untilFinished(instanceId: string): Promise<InstanceRecord>;
}

const pollMs = 5;
let hubs = 0;

/** Storage of one task hub, on which engines come and go. */
export async function createHub({ azurite, worker }: DurableSetup): Promise<Hub> {
	hubs += 1;
	const storage = connectHub(azurite.connectionString, `Shared${hubs}`);
	await storage.create();
	const { store } = storage;
	return {
		store,
		engine(options = {}) {
			const logged: string[] = [];
			const log = (_level: string, message: string) => void logged.push(message);
			const settings = { worker, clock: systemClock, maxConcurrentActivities: 20, storageRetryMs: 1, log };
			return { ...createEngine({ ...settings, store, ...options }), logged };
		},
		records: async () => (await store.list({ pageSize: 1000 })).records,
		async untilFinished(instanceId) {
			for (;;) {
				const record = await store.read(instanceId);
				if (record && isFinished(record)) return record;
				await setTimeout(pollMs);
			}
		},
	};
}
