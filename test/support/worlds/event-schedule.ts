import { type Random, seededRandom } from '../../../bench/random.ts';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { type DropService, dropService } from '../../../src/services/intake/drops.ts';
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
 * One to three sets of six files, each of which rests. Files are replaced before their set is whole, and just after. Every event
 * comes one to four times, in any order: once within a minute or, in other schedules, an hour, and again up to an hour later, when
 * its file may be gone; others come from strange containers. Whoever works on an event may die and do it again, at once or later.
 * At the end the profile is deleted, and events still come.
 */
export async function playEvents(seed: number): Promise<Played> {
	const random = seededRandom(seed);
	const { below } = random;
	const world = await dropWorld();
	const agenda = createAgenda(world.clock.now().getTime(), (now) => world.clock.set(new Date(now).toISOString()));
	const drops = mortalDrops(world, agenda, random);
	const firstWithin = random.pick([minute, 60 * minute]);
	const story: string[] = [];
	let deliveries = 0;

	function announce(container: string): void {
		const times = 1 + below(4);
		for (let time = 0; time < times; time++)
			agenda.add(below(time === 0 ? firstWithin : 60 * minute), async () => {
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
		// It rests, and all that is said of it for the first time has been said. Its run may still be under way when the next set
		// rests, and is over before the one after it begins.
		at += quietMs + firstWithin + (8 + below(30)) * minute;
	}
	const runs: Played['runs'] = [];
	agenda.every(5_000, async () => {
		// Before the first step of a run, since its files go when a later one is done.
		for (const { runId } of world.engine.started.slice(runs.length)) runs.push(await world.contents(runId));
	});
	agenda.every(random.pick([5_000, 5 * minute]), () => world.engine.step());
	await agenda.untilDone(at + 5 * 60 * minute);
	const left = (await world.uploads.list(world.ref.profileId, 99)).map(({ name }) => name);
	await world.services.profiles.delete(world.ref);
	await world.settle();
	for (let time = 0; time < 3; time++) await drops.arrived(world.ref.profileId);
	return { runs, sets, deliveries, left, story };
}

type World = Awaited<ReturnType<typeof dropWorld>>;

/** As Durable runs them: one instance for a set of uploads, whose step is delivered at least once, and whose answer may be lost. */
function mortalDrops(world: World, agenda: Agenda, { below }: Random): DropService {
	const settling = new Set<string>();

	function settleOnce(setId: string): void {
		if (settling.has(setId)) return;
		settling.add(setId);
		const step = async (waitedMs: number): Promise<void> => {
			const settle = () => drops.settle(world.ref, setId, waitedMs);
			if (below(8) === 0) await settle();
			const { waitMs } = await settle();
			// Whoever did it died: the step is delivered again when its message shows again.
			if (below(8) === 0) agenda.add(minute, () => step(waitedMs));
			else if (waitMs !== undefined) agenda.add(waitMs + below(2_000), () => step(waitedMs + waitMs));
		};
		agenda.add(below(3_000), () => step(0));
	}

	const drops = dropService({
		...world,
		runs: world.runStore,
		orchestrations: { ...world.engine.orchestrations, settleUploads: async (_, setId) => settleOnce(setId) },
		starts: world.services.starts,
		isAutomatic: true,
		quietMs,
	});
	return drops;
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

interface Upload {
	name: string;
	text: string;
	pauseMs: number;
}

function uploadsOf(files: Record<string, string>, random: Random): Upload[] {
	const order = rosterKinds.map((kind) => ({ kind, rank: random.below(1_000_000) }));
	const kinds = order.sort((left, right) => left.rank - right.rank).map(({ kind }) => kind);
	const upload = (kind: RosterKind, text = files[kind] as string): Upload => ({
		name: `${kind}.csv`,
		text,
		pauseMs: random.below(quietMs - 1_000),
	});
	const uploads = kinds.flatMap((kind) =>
		random.chance(0.2) ? [upload(kind, 'half a fi'), upload(kind)] : [upload(kind)],
	);
	// Some are found to be wrong when the set is whole already, and are replaced one after the other.
	const late = random.chance(0.3) ? kinds.slice(0, 1 + random.below(3)) : [];
	const isLate = ({ name }: Upload) => late.some((kind) => name === `${kind}.csv`);
	return [
		...uploads.map((each) => (isLate(each) ? { ...each, text: `${each.text}\r\n\r\n\r\n` } : each)),
		...late.map((kind) => upload(kind)),
	];
}

type Agenda = ReturnType<typeof createAgenda>;

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
