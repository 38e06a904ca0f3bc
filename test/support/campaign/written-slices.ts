import type { Json } from '../requests/graph-client.ts';
import type { Turn, TurnStory } from './turn.ts';
import type { WrittenRows } from './written-rows.ts';

/**
 * The tables that the slices of one moment write. A run has four steps under way at most, each a slice of 10,000 records; kinds
 * that need the ids of others wait for them. A campaign's rosters have one slice a kind, so a kill finds no more than one of these
 * groups under way.
 */
const groups: Readonly<Record<string, string>> = {
	DirectorySchools: 'schools',
	DirectoryUsers: 'users',
	DirectoryNames: 'users',
	DirectoryClasses: 'classes',
	DirectoryMembers: 'memberships',
	DirectorySchoolMembers: 'memberships',
};

export interface Repetition {
	/** How often groups of slices were written once more than undisturbed runs would have. */
	repeated: number;
	/** What may have cut a slice off: a kill, or the end of a run by a reset or by another one. */
	interruptions: number;
}

/** Holds what was written against what undisturbed runs write. A row that no run had to change counts as a repetition, too. */
export function repetitionIn({ runs, kills, written, isForgotten }: TurnStory, { wanted, other }: Turn): Repetition {
	const changing = runs.filter((run) => changes(run, [wanted.again.tallies, other.again.tallies])).length;
	const mayWrite = (row: string) => {
		const change = Math.max(wanted.written.get(row) ?? 0, other.written.get(row) ?? 0);
		// After a reset, a run writes every row.
		return changing * (change + (isForgotten ? 1 : 0));
	};
	const interruptions = kills.length + runs.filter(wasEnded).length;
	return { repeated: sum(excessByGroup(written, mayWrite)), interruptions };
}

/** Before it was done, by whatever; it may have written. */
const wasEnded = ({ outcome }: Json) => outcome === 'terminated' || outcome === 'failed';

/** A run that was refused has no tallies. */
function changes(run: Json, unchanged: readonly unknown[]): boolean {
	const text = JSON.stringify(run.tallies);
	return wasEnded(run) || (text !== '{}' && !unchanged.some((each) => JSON.stringify(each) === text));
}

function excessByGroup(written: WrittenRows, mayWrite: (row: string) => number): ReadonlyMap<string, number> {
	const excess = new Map<string, number>();
	for (const [row, times] of written) {
		const [table = ''] = row.split('/');
		const group = groups[table] ?? table;
		excess.set(group, Math.max(excess.get(group) ?? 0, times - mayWrite(row)));
	}
	return excess;
}

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, count) => total + count, 0);
