import { hash } from 'node:crypto';
import { KeyTable } from '../../roster/csv/key-table.ts';
import { type SafetyLimits, type SafetyOff, safetyOff } from '../../safety.ts';
import { planOps } from '../plan.ts';
import { fieldEndAfter } from '../shards/shard-rows.ts';
import { type MembershipKind, membershipRules, type SyncKind } from '../sync-kinds.ts';
import type { RekeyedPair } from './rekeys.ts';

/** A file with so few rows, compared with what is there, is not believed. */
const believedShare = 0.1;

/** A part of a plan that is not carried out, since it would remove suspiciously much. */
export interface Hold {
	id: string;
	/** Of memberships, but for what is rekeyed. */
	kind: SyncKind;
	/**
	 * `unexpected`: members whom the directory was found to have though no file brought them. They are never removed unasked. `rekeyed`: records
	 * that came under new SIS ids.
	 */
	scope: 'class' | 'school' | 'file' | 'unexpected' | 'rekeyed';
	/** SIS id of the class or school; absent for all of them. */
	sisId?: string;
	/** Memberships that would be removed, or records with old ids that would be; of how many that are there, and of how many people. */
	removals: number;
	present: number;
	people: number;
	/** The first of the pairs. */
	rekeyed?: readonly Omit<RekeyedPair, 'id'>[];
}

/** What is counted of a class, a school, or all. */
class Weight {
	present = 0;
	removals = 0;
	people = 0;

	get share(): number {
		return this.removals / this.present;
	}
}

interface ClassWeight {
	sisId: string;
	own: Weight;
	/** Absent if the files do not have the class any more. */
	school: { sisId: string; weight: Weight } | undefined;
}

interface SchoolWeighing {
	/** Absent for the classes that the files do not have any more. */
	sisId: string | undefined;
	classes: readonly ClassWeight[];
	limits: SafetyLimits;
}

interface ScaleOptions {
	kind: MembershipKind;
	seed: number;
	/** Rows of the file. */
	rows: number;
	/** SIS id of the school that a class belongs to; undefined if the files do not have the class any more. */
	schoolOf: (section: string) => string | undefined;
	/** Off: only members whom no file brought are held. */
	limits: SafetyLimits | SafetyOff;
}

const decoder = new TextDecoder();

/**
 * Weighs the removals that a plan has for one kind of membership. Somebody who comes to as many classes as they leave is moved, and
 * counts as nothing. Classes are weighed, then each school without those that are held, then what remains of the file; so one that looks
 * wrong does not stand in the way of the rest. Lines are a plan's: class and person, in their stored form. In order: `see` all changes, then `weigh` all
 * removals, then `count` all memberships that are there.
 */
export class RemovalScale {
	readonly #options: ScaleOptions;
	readonly #people: KeyTable;
	/** By person: how many classes more are left than come to. */
	readonly #balance: number[] = [];
	readonly #classKeys: KeyTable;
	readonly #classes: ClassWeight[] = [];
	readonly #schools = new Map<string, Weight>();
	/** Who loses something where, so that everybody counts once. */
	readonly #losers: KeyTable;
	readonly #all = new Weight();
	readonly #unexpected = new Weight();

	constructor(options: ScaleOptions) {
		this.#options = options;
		const { seed } = options;
		this.#people = new KeyTable({ seed });
		this.#classKeys = new KeyTable({ seed });
		this.#losers = new KeyTable({ seed });
	}

	see(op: number, line: Uint8Array): void {
		if (op === planOps.expel) {
			this.#expel(line);
			return;
		}
		const person = this.#people.intern(line, personStart(line), line.length);
		this.#balance[person] = (this.#balance[person] ?? 0) + (op === planOps.remove ? 1 : -1);
	}

	/** A removal. */
	weigh(op: number, line: Uint8Array): void {
		if (op === planOps.expel || !this.#isLost(line)) return;
		const { own, school } = this.#classOf(line);
		own.removals++;
		own.people++;
		this.#all.removals++;
		if (this.#isFirst('', line)) this.#all.people++;
		if (!school) return;
		school.weight.removals++;
		if (this.#isFirst(`s${school.sisId}`, line)) school.weight.people++;
	}

	count(line: Uint8Array): void {
		const { own, school } = this.#classOf(line);
		own.present++;
		if (school) school.weight.present++;
		this.#all.present++;
		this.#unexpected.present++;
	}

	/** What is too much. */
	holds(): Hold[] {
		return [
			...this.#holdsOfFiles(),
			...(this.#unexpected.removals > 0 ? [this.#hold('unexpected', this.#unexpected)] : []),
		];
	}

	#holdsOfFiles(): Hold[] {
		const { rows, limits } = this.#options;
		if (limits === safetyOff) return [];
		const all = this.#hold('file', this.#all);
		if (all.removals === 0) return [];
		if (rows <= all.present * believedShare) return [all];
		const bySchool = Map.groupBy(this.#classes, ({ school }) => school?.sisId);
		const held = [...bySchool].flatMap(([sisId, classes]) => this.#holdsOfSchool({ sisId, classes, limits }));
		return isMuch(without(this.#all, held), limits) ? [all] : held;
	}

	/** The classes that lose too much; or the school, if it would lose too much besides, or if they are most of its classes. */
	#holdsOfSchool({ sisId, classes, limits }: SchoolWeighing): Hold[] {
		const held = classes
			.filter(({ own }) => own.removals > 0 && own.present >= limits.classSize && own.share * 100 > limits.classPercent)
			.map(({ sisId: name, own }) => this.#hold(this.#isOfSchools ? 'school' : 'class', own, name));
		const school = sisId === undefined ? undefined : this.#schools.get(sisId);
		if (!school || !isMuch(school, limits)) return held;
		const isFew = held.length * 2 <= classes.length && !isMuch(without(school, held), limits);
		return isFew ? held : [this.#hold('school', school, sisId)];
	}

	/** Tells of a removal whether it is in one of the holds. Somebody who is moved is in none. */
	heldBy(holds: readonly Hold[]): (op: number, line: Uint8Array) => boolean {
		const namesOf = (scope: Hold['scope']) =>
			new Set(holds.flatMap((hold) => (hold.scope === scope ? [hold.sisId] : [])));
		const [files, schools, classes] = [namesOf('file'), namesOf('school'), namesOf('class')];
		const holdsUnexpected = holds.some(({ scope }) => scope === 'unexpected');
		return (op, line) => {
			if (op === planOps.expel) return holdsUnexpected;
			if (holds.length === 0 || !this.#isLost(line)) return false;
			const { sisId, school } = this.#classOf(line);
			return files.size > 0 || classes.has(sisId) || (school !== undefined && schools.has(school.sisId));
		};
	}

	get #isOfSchools(): boolean {
		return membershipRules[this.#options.kind].group === 'school';
	}

	#expel(line: Uint8Array): void {
		this.#unexpected.removals++;
		if (this.#isFirst('unexpected', line)) this.#unexpected.people++;
	}

	#isLost(line: Uint8Array): boolean {
		const person = this.#people.find(line, personStart(line), line.length);
		return person >= 0 && (this.#balance[person] ?? 0) > 0;
	}

	#isFirst(place: string, line: Uint8Array): boolean {
		const key = Buffer.concat([Buffer.from(`${place}\x1f`), line.subarray(personStart(line))]);
		const before = this.#losers.size;
		return this.#losers.intern(key, 0, key.length) === before;
	}

	#classOf(line: Uint8Array): ClassWeight {
		const end = fieldEndAfter(line, 0, line.length);
		const place = this.#classKeys.intern(line, 0, end);
		const known = this.#classes[place];
		if (known) return known;
		const sisId = decoder.decode(line.subarray(0, end));
		const schoolId = this.#isOfSchools ? sisId : this.#options.schoolOf(sisId);
		const added = { sisId, own: new Weight(), school: schoolId === undefined ? undefined : this.#schoolOf(schoolId) };
		this.#classes[place] = added;
		return added;
	}

	#schoolOf(sisId: string): { sisId: string; weight: Weight } {
		const weight = this.#schools.get(sisId) ?? new Weight();
		this.#schools.set(sisId, weight);
		return { sisId, weight };
	}

	#hold(scope: Hold['scope'], weight: Weight, sisId?: string): Hold {
		return holdOf(this.#options.kind, scope, { ...figuresOf(weight), ...(sisId === undefined ? {} : { sisId }) });
	}
}

/** Tells of a removal of a kind whether it is in one of these holds, of whatever run of the same files. */
export function coveredBy(
	holds: readonly Hold[],
	kind: MembershipKind,
	schoolOf: ScaleOptions['schoolOf'],
): (op: number, line: Uint8Array) => boolean {
	const own = holds.filter((hold) => hold.kind === kind);
	const isOfSchools = membershipRules[kind].group === 'school';
	return (op, line) => {
		if (op === planOps.expel) return own.some(({ scope }) => scope === 'unexpected');
		const group = decoder.decode(line.subarray(0, fieldEndAfter(line, 0, line.length)));
		const school = isOfSchools ? group : schoolOf(group);
		return own.some(
			({ scope, sisId }) =>
				scope === 'file' || (scope === 'class' && sisId === group) || (scope === 'school' && sisId === school),
		);
	};
}

type Figures = Pick<Hold, 'removals' | 'present' | 'people'>;

const figuresOf = ({ removals, present, people }: Figures): Figures => ({ removals, present, people });

export function holdOf(kind: SyncKind, scope: Hold['scope'], rest: Figures & Pick<Hold, 'sisId' | 'rekeyed'>): Hold {
	const digits = hash('sha256', JSON.stringify([kind, scope, rest.sisId]), 'hex');
	const id = [
		digits.slice(0, 8),
		digits.slice(8, 12),
		`8${digits.slice(13, 16)}`,
		`8${digits.slice(17, 20)}`,
		digits.slice(20, 32),
	];
	return { id: id.join('-'), kind, scope, ...rest };
}

/** Members whom the directory was found to have though no file brought them. */
export const unexpectedHold = (kind: MembershipKind, figures: Figures): Hold => holdOf(kind, 'unexpected', figures);

/** Whoever loses something in what is held may lose something in the rest, too: people are not taken out. */
function without({ present, removals, people }: Weight, held: readonly Hold[]): Weight {
	const sum = (count: 'present' | 'removals') => held.reduce((total, hold) => total + hold[count], 0);
	return Object.assign(new Weight(), {
		present: present - sum('present'),
		removals: removals - sum('removals'),
		people,
	});
}

function isMuch(weight: Weight, { percent, people }: SafetyLimits): boolean {
	return weight.share * 100 > percent && weight.people >= people;
}

const personStart = (line: Uint8Array) => fieldEndAfter(line, 0, line.length) + 1;
