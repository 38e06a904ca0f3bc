import { type Random, seededRandom } from '../../../bench/random.ts';

/** Who is killed: the host, its storage emulator, both at once, or one of two hosts over one emulator. */
export const victims = ['host', 'emulator', 'both', 'oneOfTwo'] as const;
export type Victim = (typeof victims)[number];

/** What the client, or fate, does meanwhile. */
export const disturbances = ['none', 'pause', 'replace', 'reset', 'twice'] as const;
export type Disturbance = (typeof disturbances)[number];

export interface TurnPlan {
	name: string;
	/** Which of the two rosters comes. */
	roster: 0 | 1;
	victim: Victim;
	disturbance: Disturbance;
	/** From the start to the disturbance. */
	first: Instant;
	/** From there to the kill, in milliseconds. */
	delay: number;
	/** From the first kill to a second one. */
	second: Instant;
	/** Which of two hosts is killed, and the seed of where requests go. */
	member: 0 | 1;
	requestSeed: number;
}

/** A part of the time that a run takes, or of the rows that it writes: those are but a moment of it, and the one that matters most. */
export interface Instant {
	of: 'time' | 'writes';
	part: number;
}

/** Somewhat longer than a run takes, so that some kills come after it. */
const longest = 1.25;
const delays: Readonly<Record<Instant['of'], number>> = { time: 300, writes: 30 };

/** However few there are, and whatever the seed is, storage dies once, and two hosts share a task hub. */
const always: readonly Victim[] = ['host', 'emulator', 'oneOfTwo'];

/** Everything but what happens to meet what is decided here, so that a seed can be tried again. */
export function planTurns(count: number, seed: number): readonly TurnPlan[] {
	const random = seededRandom(seed);
	return Array.from({ length: count }, (_, turn): TurnPlan => {
		const victim = always[turn] ?? random.pick(victims);
		const disturbance = random.pick(disturbances);
		const [first, second] = [instant(random), instant(random)];
		const delay = random.below(delays[first.of]);
		const name = `turn ${turn} of seed ${seed}: ${victim}, ${disturbance}, at ${first.part.toFixed(2)} of its ${first.of}`;
		const member = random.pick([0, 1] as const);
		const roster = turn % 2 === 0 ? 0 : 1;
		return { name, roster, victim, disturbance, first, delay, second, member, requestSeed: turn };
	});
}

function instant(random: Random): Instant {
	const of = random.pick(['time', 'writes'] as const);
	const part = random.below(100) / 100;
	return { of, part: of === 'time' ? longest * part : part };
}
