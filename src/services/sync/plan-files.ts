import type { RosterStore } from '../../ports.ts';
import { planPath } from './roster-paths.ts';
import { forms, readSealed, writeSealed } from './sealed-files.ts';
import type { ShardRef } from './sync-deps.ts';

const placeOf = (ref: ShardRef) => ({ path: planPath(ref, ref.kind, ref.shard), form: forms.plan });

/** Only shards with something to write have one, and only those are applied. */
export function readPlanFile(rosters: RosterStore, ref: ShardRef): Promise<Uint8Array> {
	return readSealed(rosters, { ...placeOf(ref), name: `the plan of ${ref.kind} shard ${ref.shard}` });
}

export async function writePlanFile(rosters: RosterStore, ref: ShardRef, plan: Uint8Array): Promise<void> {
	await writeSealed(rosters, placeOf(ref), [plan]);
}
