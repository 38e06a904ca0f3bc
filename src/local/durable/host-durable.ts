import { createDurableEngine, type DurableEngine, type DurableEngineOptions } from './durable-engine.ts';

const durableBindings = new Set(['orchestrationtrigger', 'activitytrigger', 'durableclient']);

/** Creates the engine for an app that uses it; any other app does without its table, container and recovery. */
export function createDurable(options: DurableEngineOptions): DurableEngine | undefined {
	const bindings = options.worker.functions.flatMap((registered) => registered.bindings);
	const isUsed = bindings.some(({ type }) => durableBindings.has(type.toLowerCase()));
	return isUsed ? createDurableEngine(options) : undefined;
}
