import { type Random, seededRandom } from '../../bench/random.ts';
import { rosterKinds } from '../../src/domain/roster/kinds.ts';
import { dropService } from '../../src/services/drops.ts';
import { dropWorld, rosterByKind } from './drop-world.ts';

const quietMs = 30_000;
const minute = 60_000;

/** What came out of one schedule, beside what should have. */
export interface Played {
	/** The files of each run, oldest first. */
	runs: Partial<Record<string, string>>[];
	/** The files of each set that was uploaded and rested. */
	sets: Record<string, string>[];
	/** How many times storage said that something is new. */
	deliveries: number;
	/** Files that lie in the upload container at the end. */
	left: string[];
	story: string[];
}

/**
 * One to three sets of six files, each of which rests. Files are replaced before their set is whole. Every event comes one to four
 * times: once within a minute, again up to an hour later, in any order; others come from strange containers and for files that are
 * gone. Whoever works on an event may die and do it again.
 */
export async function playEvents(seed: number): Promise<Played> {
	const random = seededRandom(seed);
	const { below } = random;
	const world = await dropWorld();
	const agenda = createAgenda(world.clock.now().getTime(), (now) => world.clock.set(new Date(now).toISOString()));
	const { orchestrations } = world.engine;
	const story: string[] = [];
	const settling = new Set<string>();
	let deliveries = 0;
	const drops = dropService({
		...world,
		runs: world.runStore,
		orchestrations: { ...orchestrations, settleUploads: async (_, setId) => settleOnce(setId) },
		starts: world.services.starts,
		isAutomatic: true,
		quietMs,
	});

	/** As Durable: one instance for an id, whose step is delivered at least once. */
	function settleOnce(setId: string): void {
		if (settling.has(setId)) return;
		settling.add(setId);
		const step = async (waitedMs: number): Promise<void> => {
			if (below(8) === 0) await drops.settle(world.ref, setId, waitedMs);
			const { waitMs } = await drops.settle(world.ref, setId, waitedMs);
			if (waitMs !== undefined) agenda.add(waitMs + below(2_000), () => step(waitedMs + waitMs));
		};
		agenda.add(below(3_000), () => step(0));
	}

	function announce(container: string): void {
		const times = 1 + below(4);
		for (let time = 0; time < times; time++)
			agenda.add(time === 0 ? below(minute) : below(60 * minute), async () => {
				deliveries++;
				await drops.arrived(container);
			});
	}

	const sets = Array.from({ length: 1 + below(3) }, (_, number) => rosterVersion(number));
	let at = 0;
	for (const [number, files] of sets.entries()) {
		for (const { name, text, pauseMs } of uploadsOf(files, random)) {
			at += pauseMs;
			agenda.add(at, async () => {
				world.put(name, text);
				story.push(`set ${number}: ${name}`);
				announce(world.ref.profileId);
				if (below(4) === 0) announce(random.pick(strangeContainers));
			});
		}
		// It rests, and all that is said of it for the first time has been said; how long a run takes is up to the engine.
		at += quietMs + minute + (2 + below(60)) * minute;
	}
	const runs: Played['runs'] = [];
	agenda.every(5_000, async () => {
		// Before the first step of a run, since its files go when a later one is done.
		for (const { runId } of world.engine.started.slice(runs.length)) runs.push(await world.contents(runId));
		await world.engine.step();
	});
	await agenda.untilDone(at + 3 * 60 * minute);
	return {
		runs,
		sets,
		deliveries,
		left: (await world.uploads.list(world.ref.profileId, 99)).map(({ name }) => name),
		story,
	};
}

const strangeContainers = [
	'rosters',
	'azure-webjobs-hosts',
	'018f0000-0000-7000-8000-00000000dead',
	'$logs',
	'',
	'../x',
];

/** The same roster to whoever reads it, in other files. */
function rosterVersion(number: number): Record<string, string> {
	return Object.fromEntries(
		Object.entries(rosterByKind()).map(([kind, text]) => [kind, `${text}${'\r\n'.repeat(number)}`]),
	);
}

function uploadsOf(files: Record<string, string>, random: Random): { name: string; text: string; pauseMs: number }[] {
	const order = rosterKinds
		.map((kind) => ({ kind, rank: random.below(1_000_000) }))
		.sort((left, right) => left.rank - right.rank);
	return order.flatMap(({ kind }) => {
		const upload = (text: string) => ({ name: `${kind}.csv`, text, pauseMs: random.below(quietMs - 1_000) });
		const whole = upload(files[kind] as string);
		return random.chance(0.2) ? [upload('half a fi'), whole] : [whole];
	});
}

/** Does what is due, in the order of time. */
function createAgenda(start: number, setClock: (now: number) => void) {
	const due: { at: number; order: number; run: () => Promise<unknown> }[] = [];
	let now = start;
	let order = 0;
	const add = (inMs: number, run: () => Promise<unknown>) => void due.push({ at: now + inMs, order: order++, run });
	return {
		add,
		every(ms: number, run: () => Promise<unknown>) {
			const again = async (): Promise<void> => {
				await run();
				add(ms, again);
			};
			add(ms, again);
		},
		async untilDone(lengthMs: number): Promise<void> {
			for (;;) {
				due.sort((left, right) => left.at - right.at || left.order - right.order);
				const next = due.shift();
				if (!next || next.at > start + lengthMs) return;
				now = next.at;
				setClock(now);
				await next.run();
			}
		},
	};
}
