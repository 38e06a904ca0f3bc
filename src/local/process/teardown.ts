import { errorLine, type HostLog } from '../host-log.ts';

export interface Teardown {
	add(name: string, step: () => Promise<void> | void): void;
	/** Takes the steps, last added first, once; a step that fails does not keep the others from being taken. */
	run(): Promise<void>;
}

export function createTeardown(log: HostLog): Teardown {
	const steps: { name: string; step: () => Promise<void> | void }[] = [];
	let running: Promise<void> | undefined;
	const runAll = async () => {
		for (let next = steps.pop(); next; next = steps.pop()) {
			try {
				await next.step();
			} catch (error) {
				log('error', `Cannot stop the ${next.name} cleanly: ${errorLine(error)}`);
			}
		}
	};
	return {
		add: (name, step) => void steps.push({ name, step }),
		run() {
			running ??= runAll();
			return running;
		},
	};
}
