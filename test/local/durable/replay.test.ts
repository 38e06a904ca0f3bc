import { afterAll, beforeAll, expect, test } from 'vitest';
import { callOrchestrator, orchestratorInput } from '../../../src/local/durable/orchestrator/orchestrator-call.ts';
import { walkShadow } from '../../../src/local/durable/orchestrator/shadow-walk.ts';
import { eventTypes, type HistoryEvent, isScheduling } from '../../../src/local/durable/storage/history-events.ts';
import type { InstanceRecord } from '../../../src/local/durable/storage/instance-record.ts';
import type { RegisteredFunction } from '../../../src/local/worker/worker-contract.ts';
import { type DurableSetup, startSetup } from './support/durable-host.ts';
import { createHub, type Hub } from './support/hub.ts';

let setup: DurableSetup;
let hub: Hub;

beforeAll(async () => {
	setup = await startSetup();
	hub = await createHub(setup);
});
afterAll(async () => {
	await setup?.stop();
});

/** Each shape with what it takes to end. */
const shapes: [name: string, input: object, events?: number[]][] = [
	['sequence', { n: 1 }],
	['fanOut', { count: 30 }],
	['values', {}],
	['retrySucceeds', {}],
	['retryExhausted', {}],
	['retryInAll', {}],
	['parent', {}],
	['childWithRetry', {}],
	['sleeper', { ms: 30 }],
	['race', { ms: 20 }],
	['collector', { count: 3 }, [1, 2, 3]],
	['counter', { n: 1, to: 3 }],
	['anyTwice', {}],
	['everything', { n: 4 }],
	['throwing', {}],
	['failing', {}],
	['missingActivity', {}],
];

interface Replay {
	record: InstanceRecord;
	target: RegisteredFunction;
}

async function record(name: string, input: object, events: number[]): Promise<Replay & { history: HistoryEvent[] }> {
	const engine = hub.engine();
	const { instanceId } = await engine.startInstance({ name, input: JSON.stringify(input) });
	for (const item of events) {
		await engine.send(instanceId, { EventType: eventTypes.eventRaised, Name: 'item', Input: JSON.stringify(item) });
	}
	const finished = await hub.untilFinished(instanceId);
	await engine.stop();
	const loaded = await hub.store.load(instanceId);
	const target = setup.worker.functions.find((one) => one.name === name);
	if (!loaded || !target) throw new Error(`Nothing was recorded of "${name}"`);
	return { record: finished, target, history: loaded.history };
}

/** The history as it was when each episode called the orchestrator: up to its new events, without what it decided. */
function episodes(
	history: readonly HistoryEvent[],
): { past: HistoryEvent[]; fresh: HistoryEvent[]; decided: HistoryEvent[] }[] {
	const isDecision = (event: HistoryEvent) =>
		isScheduling(event) ||
		event.EventType === eventTypes.executionCompleted ||
		event.EventType === eventTypes.orchestratorCompleted;
	const starts = history.flatMap(({ EventType }, at) => (EventType === eventTypes.orchestratorStarted ? [at] : []));
	return starts.map((start, at) => {
		const episode = history.slice(start, starts[at + 1]);
		return {
			past: history.slice(0, start),
			fresh: episode.filter((event) => !isDecision(event)),
			decided: episode.filter(isDecision),
		};
	});
}

test.each(shapes)(
	'the recorded history of "%s" replays through the SDK to the same decisions',
	async (name, input, events = []) => {
		const { record: instance, target, history } = await record(name, input, events);
		const played = episodes(history);
		expect(played.length).toBeGreaterThan(0);
		for (const [at, { past, fresh, decided }] of played.entries()) {
			const outcome = await callOrchestrator(setup.worker, target, orchestratorInput(instance, past, fresh));
			const scheduled = walkShadow([...past, ...fresh], outcome.actions, instance.executionId);
			const expected = decided.filter(isScheduling).map(({ IsPlayed: _, Timestamp: __, ...event }) => event);
			expect(scheduled).toEqual(expected);
			const isLast = at === played.length - 1;
			expect(outcome.isDone || outcome.failure !== undefined).toBe(isLast);
			if (isLast && outcome.failure === undefined) {
				expect(outcome.output).toEqual(JSON.parse(instance.output ?? ''));
			}
		}
		const whole = await callOrchestrator(setup.worker, target, orchestratorInput(instance, history, []));
		expect(walkShadow(history, whole.actions, instance.executionId)).toEqual([]);
	},
);
