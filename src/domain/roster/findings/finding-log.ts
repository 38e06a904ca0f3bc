import { type RosterKind, rosterFileName } from '../format/kinds.ts';
import type { Diagnosis, Flaw } from '../rules/flaws.ts';
import { type FileMessages, rowTexts, rules } from './messages.ts';
import type { Finding, Rule, Severity } from './verdict.ts';

/** Where something was found: `place` orders the columns of a file and is -1 for a whole row. */
export interface FindingSite {
	readonly place: number;
	readonly column?: string;
}

/** What only the findings that are kept need. */
export type FindingDetails = Pick<Finding, 'line' | 'key' | 'value'> & Partial<Diagnosis>;

interface Tally {
	rule: Rule;
	severity: Severity;
	site: FindingSite;
	count: number;
	kept: Finding[];
}

/** The findings of one file: exact counts, and a bounded sample for each rule and column. */
export class FindingLog {
	readonly #kind: RosterKind;
	readonly #limit: number;
	readonly #tallies = new Map<number, Tally>();

	constructor(kind: RosterKind, limit: number) {
		this.#kind = kind;
		this.#limit = limit;
	}

	/** `describe` is called only if the finding is kept. */
	add(flaw: Flaw, site: FindingSite, describe: () => FindingDetails): void {
		const tally = this.#tallyOf(flaw, site);
		tally.count++;
		if (tally.kept.length >= this.#limit) return;
		const { rule, severity, reason, cure } = flaw;
		const column = site.column === undefined ? {} : { column: site.column };
		const fileName = rosterFileName(this.#kind);
		tally.kept.push({ kind: this.#kind, fileName, ...column, rule, severity, reason, cure, ...describe() });
	}

	/** Of all findings, kept or not. */
	get counts(): Record<Severity, number> {
		const counts: Record<Severity, number> = { Error: 0, Warning: 0, Information: 0 };
		for (const { severity, count } of this.#tallies.values()) counts[severity] += count;
		return counts;
	}

	/** In order of line. */
	get findings(): readonly Finding[] {
		return [...this.#tallies.values()].flatMap((tally) => tally.kept).sort((a, b) => a.line - b.line);
	}

	/** By rule, then by column, errors before warnings. */
	writeTo(messages: FileMessages): void {
		for (const [, { rule, severity, site, count }] of [...this.#tallies].sort(([a], [b]) => a - b)) {
			if (rule !== 'unreadable') messages.addAboutRows(severity, rowTexts[rule](count, site.column ?? ''));
		}
	}

	#tallyOf({ rule, severity }: Flaw, site: FindingSite): Tally {
		const order = (rules.indexOf(rule) * maxColumns + site.place + 1) * 2 + (severity === 'Error' ? 0 : 1);
		const known = this.#tallies.get(order);
		if (known) return known;
		const tally: Tally = { rule, severity, site, count: 0, kept: [] };
		this.#tallies.set(order, tally);
		return tally;
	}
}

/** More than any file has; it only spreads the keys of the tallies. */
const maxColumns = 256;
