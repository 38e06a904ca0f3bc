import type { Random } from '../../../bench/random.ts';
import { type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { CallName } from './journal.ts';

export type Deed =
	| { do: 'put'; kind: RosterKind; isFaulty: boolean }
	/** `times`: so often at once, as by impatient people and repeating scripts. */
	| { do: CallName; times: number };

interface Step {
	/** After the end of the step before. */
	afterMs: number;
	deed: Deed;
}

/** One client, with its own steps in order. */
export interface Actor {
	name: string;
	steps: readonly Step[];
}

/**
 * How a schedule ends. `caller` and `dropper` upload six files, with and without a start; `replacer` is refused and then replaces
 * all of them, one by one and slowly.
 */
export interface Ending extends Actor {
	name: 'caller' | 'dropper' | 'replacer';
	/** How many steps come before the replacer begins to replace. */
	prelude: number;
	hasStart: boolean;
}

export interface Schedule {
	/** All at once. */
	actors: readonly Actor[];
	/** After them; what they have set going may still be under way. */
	ending?: Ending;
	/** Whether the six files that everything ends with are started by a call. */
	isProbedByStart: boolean;
	/** Whether the profile is deleted in the end, in the middle of a start. */
	isDeleted: boolean;
}

export function makeSchedule(random: Random): Schedule {
	const draw = drawing(random);
	const last = ending(draw);
	return {
		actors: Array.from({ length: draw.between(1, 4) }, () => actor(draw)),
		...(last ? { ending: last } : {}),
		isProbedByStart: random.chance(0.5),
		isDeleted: random.chance(0.2),
	};
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;

type Pace = () => number;

function drawing(random: Random) {
	const between = (from: number, to: number) => from + random.below(to - from);
	const shuffled = <T>(items: readonly T[]): T[] => {
		const rest = [...items];
		return Array.from(items, () => rest.splice(random.below(rest.length), 1)[0] as T);
	};
	return {
		...random,
		between,
		shuffled,
		quick: (() => between(200, 5 * secondMs)) as Pace,
		/** Longer than uploads rest. */
		slow: (() => between(31 * secondMs, 4 * minuteMs)) as Pace,
		someKinds: (most: number) => shuffled(rosterKinds).slice(0, between(1, most + 1)),
		times: () => random.pick([1, 1, 1, 2, 3]),
		maybe: (rate: number, ...steps: Step[]) => (random.chance(rate) ? steps : []),
	};
}

type Draw = ReturnType<typeof drawing>;

const put = (kind: RosterKind, afterMs: number, isFaulty = false): Step => ({
	afterMs,
	deed: { do: 'put', kind, isFaulty },
});

const call = (name: CallName, afterMs: number, times = 1): Step => ({ afterMs, deed: { do: name, times } });

const six = ({ shuffled }: Draw, pace: Pace, faulty: readonly RosterKind[] = []) =>
	shuffled(rosterKinds).map((kind) => put(kind, pace(), faulty.includes(kind)));

const meddling = ['pause', 'pause', 'resume', 'resume', 'reset', 'start', 'update'] as const;

const actors = {
	caller: (draw: Draw) => [
		...six(draw, draw.pick([draw.quick, draw.slow])),
		call('start', draw.between(0, minuteMs), draw.times()),
		...draw.maybe(0.3, call('start', draw.between(0, minuteMs))),
	],
	dropper: (draw: Draw) => six(draw, draw.pick([draw.quick, draw.quick, draw.slow])),
	/** Is refused, and replaces what was named, or everything. */
	mender(draw: Draw) {
		const faulty = draw.someKinds(2);
		const pace = draw.pick([draw.slow, draw.slow, draw.quick]);
		return [
			...six(draw, draw.quick, faulty),
			...draw.maybe(0.4, call('start', draw.quick())),
			...draw.shuffled(draw.pick([faulty, rosterKinds])).map((kind) => put(kind, pace(), draw.chance(0.1))),
			...draw.maybe(0.4, call('start', draw.between(0, 2 * minuteMs))),
		];
	},
	/** Uploads a few files of a roster, whatever is there. */
	patcher: (draw: Draw) => [
		...draw.someKinds(4).map((kind) => put(kind, draw.slow())),
		...draw.maybe(0.6, call('start', draw.quick())),
	],
	meddler(draw: Draw) {
		const pace = draw.pick([draw.quick, () => draw.between(0, minuteMs)]);
		return Array.from({ length: draw.between(1, 8) }, () => call(draw.pick(meddling), pace(), draw.times()));
	},
	/** Does not let a run alone that it has just started. */
	harrier: (draw: Draw) => [
		...six(draw, draw.quick),
		call('start', draw.quick()),
		...Array.from({ length: draw.between(2, 12) }, () =>
			draw.chance(0.3)
				? put(draw.pick(rosterKinds), draw.quick(), draw.chance(0.2))
				: call(draw.pick(meddling), draw.quick(), draw.times()),
		),
	],
	deleter: (draw: Draw) => [call('delete', draw.between(0, 5 * minuteMs), draw.times())],
} as const;

const mixture = [
	'caller',
	'caller',
	'dropper',
	'mender',
	'mender',
	'patcher',
	'meddler',
	'harrier',
	'harrier',
] as const;

function actor(draw: Draw): Actor {
	const name = draw.chance(0.03) ? 'deleter' : draw.pick(mixture);
	const steps: readonly Step[] = actors[name](draw);
	// They do not all begin at the same moment.
	const delayMs = draw.below(draw.pick([10 * secondMs, 2 * minuteMs]));
	return { name, steps: steps.map((step, at) => (at === 0 ? { ...step, afterMs: step.afterMs + delayMs } : step)) };
}

function ending(draw: Draw): Ending | undefined {
	const name = draw.pick(['replacer', 'replacer', 'replacer', 'dropper', 'caller', undefined] as const);
	const start = call('start', draw.between(0, 2 * minuteMs));
	switch (name) {
		case undefined:
			return undefined;
		case 'dropper':
			return {
				name,
				prelude: 0,
				hasStart: false,
				// The files come to rest while a run is under way.
				steps: [
					...six(draw, draw.quick),
					...draw.maybe(0.5, call('reset', draw.between(15 * secondMs, 28 * secondMs))),
				],
			};
		case 'caller':
			return { name, prelude: 0, hasStart: true, steps: [...six(draw, draw.pick([draw.quick, draw.slow])), start] };
		case 'replacer':
			return replacer(draw, start);
	}
}

function replacer(draw: Draw, start: Step): Ending {
	const prelude = [...six(draw, draw.quick, draw.someKinds(2)), ...draw.maybe(0.5, call('start', 2 * secondMs))];
	const replacements = six(draw, draw.slow).map((step, at) =>
		// Time enough for a refusal by itself.
		at === 0 ? { ...step, afterMs: draw.between(minuteMs, 3 * minuteMs) } : step,
	);
	// One of them once more, before all of them are there.
	const at = draw.between(1, replacements.length);
	const again = draw.maybe(0.3, { ...draw.pick(replacements.slice(0, at)), afterMs: draw.slow() });
	const hasStart = draw.chance(0.4);
	return {
		name: 'replacer',
		prelude: prelude.length,
		hasStart,
		steps: [
			...prelude,
			...replacements.slice(0, at),
			...again,
			...replacements.slice(at),
			...(hasStart ? [start] : []),
		],
	};
}
