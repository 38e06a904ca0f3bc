import type { RegisteredFunction, Worker } from '../worker/worker-contract.ts';

/** The durable functions of an app, found without regard to case, as on Azure. */
export interface DurableFunctions {
	orchestrator(name: string): RegisteredFunction | undefined;
	activity(name: string): RegisteredFunction | undefined;
	orchestratorNames: string[];
}

/** Throws when the app registers an entity, which this host does not have. */
export function findDurableFunctions({ functions }: Pick<Worker, 'functions'>): DurableFunctions {
	const byTrigger = (type: string) => functions.filter(({ trigger }) => trigger.type.toLowerCase() === type);
	const byName = (found: RegisteredFunction[]) => new Map(found.map((one) => [one.name.toLowerCase(), one]));
	const [entity] = byTrigger('entitytrigger');
	if (entity) {
		throw new Error(
			`Cannot start the app on the local host: function "${entity.name}" is a durable entity, which this host does not have`,
		);
	}
	const orchestrators = byName(byTrigger('orchestrationtrigger'));
	const activities = byName(byTrigger('activitytrigger'));
	return {
		orchestrator: (name) => orchestrators.get(name.toLowerCase()),
		activity: (name) => activities.get(name.toLowerCase()),
		orchestratorNames: [...orchestrators.values()].map(({ name }) => name).sort(),
	};
}
