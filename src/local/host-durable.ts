import type { HostLog } from './host-log.ts';
import type { Worker } from './worker-contract.ts';

/** What the host asks of the durable engine. */
export interface DurableEngine {
	/** Takes up what was unfinished when the last host ended. */
	start(): Promise<void>;
	/** Waits for running episodes. */
	stop(): Promise<void>;
	/** The HTTP API of the durable extension, below any mount that ends in `/durabletask/`. */
	handleApi(request: Request): Promise<Response>;
	/** JSON text of a `durableClient` binding. */
	clientInput(origin: string): string;
}

export interface DurableOptions {
	worker: Worker;
	connectionString: string;
	hubName: string;
	maxConcurrentActivities: number;
	systemKey: string;
	log: HostLog;
}

const DURABLE_BINDINGS = new Set(['orchestrationtrigger', 'activitytrigger', 'durableclient']);

/** Creates the engine for an app that uses it. */
export async function createDurable({ worker }: DurableOptions): Promise<DurableEngine | undefined> {
	const bindings = worker.functions.flatMap((registered) => registered.bindings);
	if (!bindings.some(({ type }) => DURABLE_BINDINGS.has(type.toLowerCase()))) return undefined;
	throw new Error('Cannot start the app: it uses Durable Functions, which this host cannot run yet');
}
