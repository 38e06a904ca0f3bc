import type { Tally } from '../run.ts';
import type { SyncKind } from './sync-kinds.ts';

const emptyTally: Omit<Tally, 'held'> = { added: 0, changed: 0, removed: 0, unchanged: 0, failed: 0 };

export type Tallies = Partial<Record<SyncKind, Tally>>;

/** Adds what one step did to what its kind did so far. */
export function addTally(tallies: Tallies, kind: SyncKind, tally: Partial<Tally>): Tallies {
	const sum: Tally = { ...(tallies[kind] ?? emptyTally) };
	for (const name of Object.keys(emptyTally) as (keyof typeof emptyTally)[]) sum[name] += tally[name] ?? 0;
	const held = (sum.held ?? 0) + (tally.held ?? 0);
	return { ...tallies, [kind]: held > 0 ? { ...sum, held } : sum };
}

export function failures(tallies: Tallies): number {
	return Object.values(tallies).reduce((sum, tally) => sum + tally.failed, 0);
}
