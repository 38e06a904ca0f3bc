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
	/** From the start to the disturbance, and from the first kill to a second one: in parts of the time that a run takes. */
	moments: readonly [number, number];
	/** From the disturbance to the kill, in milliseconds. */
	delay: number;
	random: Random;
}

/** Somewhat longer than a run takes, so that some kills come after it. */
const longest = 1.2;
const longestDelay = 300;

/** However few there are, and whatever the seed is, an emulator dies and two hosts share a task hub. */
const always: readonly Victim[] = ['host', 'emulator', 'oneOfTwo'];

/** Everything but what happens to meet what is decided here, so that a seed can be tried again. */
export function planTurns(count: number, seed: number): readonly TurnPlan[] {
	const random = seededRandom(seed);
	return Array.from({ length: count }, (_, turn): TurnPlan => {
		const victim = always[turn] ?? random.pick(victims);
		const disturbance = random.pick(disturbances);
		const moments = [moment(random), moment(random)] as const;
		const delay = random.below(longestDelay);
		const name = `turn ${turn} of seed ${seed}: ${victim}, ${disturbance}, at ${moments[0]}`;
		return { name, roster: turn % 2 === 0 ? 0 : 1, victim, disturbance, moments, delay, random };
	});
}

const moment = (random: Random) => (longest * random.below(1000)) / 1000;
