import type { Random } from '../../../bench/random.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';

const ports = ['profiles', 'runs', 'errors', 'histories', 'uploads', 'rosters', 'directory'] as const;

/** What waits for its turn. */
interface Call {
	process: number;
	/** Whether it is to change the directory: the moment that matters most. */
	isWrite: boolean;
	begin(): void;
	ended: Promise<unknown>;
}

/**
 * Lets several processes over the same stores come to their next call of a port in any order that the seed says, one call at a time. So
 * whatever one does may come between any two things that another does.
 */
export function interleaving(random: Random) {
	const waiting: Call[] = [];
	let processes = 0;
	/** Who stands still for now, as a process may that has lost its processor: the others come far meanwhile. */
	let still: number | undefined;

	/** The ports as one more process sees them. */
	function processOver(deps: SyncDeps): SyncDeps {
		const process = processes++;
		const own = Object.fromEntries(
			ports.map((name) => [
				name,
				new Proxy(deps[name], {
					get(port, method) {
						const work = Reflect.get(port, method) as unknown;
						if (typeof work !== 'function' || answersAtOnce.has(`${name}.${String(method)}`)) return work;
						return (...args: unknown[]) =>
							inTurn({ process, isWrite: name === 'directory' }, () => work.apply(port, args) as unknown);
					},
				}),
			]),
		);
		return { ...deps, ...own } as SyncDeps;
	}

	function inTurn(who: Pick<Call, 'process' | 'isWrite'>, work: () => unknown): Promise<unknown> {
		let begin = () => {};
		const begun = new Promise<void>((resolve) => {
			begin = resolve;
		});
		const result = begun.then(work);
		waiting.push({ ...who, begin: () => begin(), ended: result.catch(() => {}) });
		return result;
	}

	/** Until all have come to their end, however that is. */
	async function play(all: readonly Promise<unknown>[]): Promise<void> {
		let isOver = false;
		const end = Promise.allSettled(all).then(() => {
			isOver = true;
		});
		while (!isOver) {
			// Everybody comes to his next call first, or whoever is faster would always be first.
			await new Promise((resolve) => setImmediate(resolve));
			if (still !== undefined && random.chance(0.004)) still = undefined;
			still ??= waiting.find(({ isWrite }) => random.chance(isWrite ? 0.1 : 0.005))?.process;
			const moving = waiting.filter(({ process }) => process !== still);
			// Whoever is waited for goes on after all.
			if (moving.length === 0) still = random.chance(0.05) ? undefined : still;
			if (moving.length === 0) continue;
			const call = random.pick(moving);
			waiting.splice(waiting.indexOf(call), 1);
			call.begin();
			await call.ended;
		}
		await end;
	}

	return { processOver, play };
}

/** What answers no promise is part of a later call. */
const answersAtOnce: ReadonlySet<string> = new Set(['rosters.write', 'directory.estimate']);
