import { expectSoon } from '../local/support/soon.ts';
import type { OrchestratedWork } from './fakes/orchestrations.ts';

/** The numbers of the steps that a sync has. */
export const stepsOfSync = [0, 1, 2] as const;

/** Steps of orchestrations that begin when they may, and end when a test lets them go. */
export interface HeldSteps {
	/** In order, as "<runId> <number>", or what it is, "<profileId>" and the id of the set. */
	readonly begun: string[];
	isDone(name: string): boolean;
	/** Lets one end, be it that it has not begun yet. */
	letGo(name: string): void;
	/** From now on none is held. */
	letAllGo(): void;
	untilBegun(name: string): Promise<void>;
	untilDone(name: string): Promise<void>;
	take(name: string): Promise<void>;
}

export function heldSteps(): HeldSteps {
	const done = new Set<string>();
	const gates = new Map<string, PromiseWithResolvers<void>>();
	let isOpen = false;
	const gateOf = (name: string) => {
		const gate = gates.get(name) ?? Promise.withResolvers<void>();
		gates.set(name, gate);
		if (isOpen) gate.resolve();
		return gate;
	};
	const begun: string[] = [];
	return {
		begun,
		isDone: (name) => done.has(name),
		letGo: (name) => gateOf(name).resolve(),
		letAllGo() {
			isOpen = true;
			for (const gate of gates.values()) gate.resolve();
		},
		untilBegun: (name) => expectSoon(() => begun).toContain(name),
		untilDone: (name) => expectSoon(() => done.has(name)).toBe(true),
		async take(name) {
			begun.push(name);
			await gateOf(name).promise;
			done.add(name);
		},
	};
}

/** Orchestrations that are made of such steps. */
export function workOf(steps: HeldSteps): OrchestratedWork {
	return {
		provision: ({ profileId }) => steps.take(`provision ${profileId}`),
		remove: ({ profileId }) => steps.take(`remove ${profileId}`),
		settle: ({ profileId }, setId) => steps.take(`settle ${profileId} ${setId}`),
		async sync({ runId }, deliver) {
			for (const number of stepsOfSync) await deliver(() => steps.take(`${runId} ${number}`));
		},
	};
}
