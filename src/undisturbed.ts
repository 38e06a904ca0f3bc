import { setTimeout as pause } from 'node:timers/promises';

/** Each failure means that another writer got through, so this many writers at the same moment all do. */
const maxAttempts = 50;
/** The first repetition is immediate; then writers wait a random time up to this, so that they part. */
const maxPauseMs = 100;

export const disturbed = Symbol('Another writer was faster.');

/**
 * Optimistic concurrency: repeats `attempt` (read, change, write only if nothing changed since) while it answers
 * `disturbed`. `action` completes "Cannot …", for the error when it never gets through.
 */
export async function untilUndisturbed<T>(action: string, attempt: () => Promise<T | typeof disturbed>): Promise<T> {
	for (let failures = 0; failures < maxAttempts; failures++) {
		if (failures > 1) await pause(Math.random() * Math.min(maxPauseMs, 2 ** failures));
		const result = await attempt();
		if (result !== disturbed) return result;
	}
	throw new Error(`Cannot ${action}: other writers were faster ${maxAttempts} times in a row.`);
}
