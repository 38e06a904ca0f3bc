import type { InstanceStore } from '../../../../src/local/durable/storage/instance-store.ts';

/** `before`: without the write. `after`: with the write, but without its answer. */
export type Moment = 'before' | 'after';

const writeCalls = [
	'create',
	'commit',
	'addMessage',
	'removeMessages',
	'removeExecution',
	'removeRows',
	'purge',
] as const;
const readCalls = ['read', 'load', 'findUnfinished', 'list'] as const;

/** A store whose writes fail when `faultOf` says so, by the number of the write. */
export function createFaultyStore(store: InstanceStore, faultOf: (write: number) => Moment | undefined): InstanceStore {
	let writes = 0;
	return wrap(store, writeCalls, async (write) => {
		const fault = faultOf(writes++);
		if (fault === 'before') throw new Error('invented failure before the write');
		const answer = await write();
		if (fault === 'after') throw new Error('invented failure after the write');
		return answer;
	});
}

export interface MortalStore extends InstanceStore {
	/** Settles when the process that uses this store would be dead. */
	died: Promise<void>;
	/** Writes so far. */
	count(): number;
}

/**
 * A store whose process is killed at one of its writes, just before or just after it: from then on no call is carried
 * out, and none answers.
 */
export function createMortalStore(store: InstanceStore, killAt: number, moment: Moment): MortalStore {
	const death = Promise.withResolvers<void>();
	const never = new Promise<never>(() => {});
	let isDead = false;
	let writes = 0;
	const die = () => {
		isDead = true;
		death.resolve();
	};
	const onRead: Wrapper = async (read) => {
		const answer = isDead ? never : await read();
		return isDead ? never : answer;
	};
	const onWrite: Wrapper = async (write) => {
		if (isDead) return never;
		const isLast = writes++ === killAt;
		if (isLast && moment === 'before') die();
		const answer = isDead ? never : await write();
		if (isLast) die();
		return isDead ? never : answer;
	};
	return { ...wrap(wrap(store, readCalls, onRead), writeCalls, onWrite), died: death.promise, count: () => writes };
}

type Wrapper = (call: () => Promise<unknown>) => Promise<unknown>;

function wrap(store: InstanceStore, names: readonly (keyof InstanceStore)[], wrapper: Wrapper): InstanceStore {
	const calls = names.map((name) => {
		const original = store[name] as (...args: unknown[]) => Promise<unknown>;
		return [name, (...args: unknown[]) => wrapper(() => original(...args))];
	});
	return { ...store, ...Object.fromEntries(calls) };
}
