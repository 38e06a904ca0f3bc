import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';

/** A process is gone: nothing that it was about to do is done. */
class Killed extends Error {}

const ports = ['profiles', 'runs', 'errors', 'histories', 'uploads', 'rosters', 'directory'] as const;

export interface Death {
	/** Which call of a port it is. */
	call: number;
	/** Whether the call has its effect. */
	when: 'before' | 'after';
}

/**
 * Ports of a process that dies once at a call, and with it every step that is under way. It is started again when all are gone, and the
 * steps that had not ended are delivered once more, as the platform does.
 */
export function dying(deps: SyncDeps, death?: Death) {
	let calls = 0;
	let isDead = false;
	let hasDied = false;
	let underWay = 0;

	async function call(work: () => Promise<unknown>): Promise<unknown> {
		if (isDead) throw new Killed();
		const isLast = !hasDied && calls++ === death?.call;
		if (!isLast) return work();
		[isDead, hasDied] = [true, true];
		if (death?.when === 'after') await work();
		throw new Killed();
	}

	const mortal = Object.fromEntries(
		ports.map((name) => [
			name,
			new Proxy(deps[name], {
				get(port, method) {
					const own = Reflect.get(port, method) as unknown;
					if (typeof own !== 'function' || isSynchronous(name, String(method))) return own;
					return (...args: unknown[]) => call(async () => own.apply(port, args));
				},
			}),
		]),
	);

	const deliver = async (work: () => Promise<object>): Promise<object> => {
		for (;;) {
			underWay++;
			try {
				return await work();
			} catch (error) {
				if (!isDead) throw error;
			} finally {
				underWay--;
			}
			while (underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1));
			isDead = false;
		}
	};

	return { deps: { ...deps, ...mortal } as SyncDeps, deliver, calls: () => calls, hasDied: () => hasDied };
}

/** What answers no promise is part of a later call. */
const isSynchronous = (port: (typeof ports)[number], method: string) =>
	(port === 'rosters' && method === 'write') || (port === 'directory' && method === 'estimate');
