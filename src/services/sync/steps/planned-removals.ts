import type { Slice } from '../../../domain/sync/course.ts';
import { forEachPlanLine, isRemoval } from '../../../domain/sync/plan.ts';
import type { SyncRef } from '../../../ports.ts';
import { readPlan } from '../files/plan-files.ts';
import type { SyncDeps } from '../sync-deps.ts';

export async function* readPlans(
	deps: Pick<SyncDeps, 'rosters'>,
	ref: SyncRef,
	slices: readonly Slice[],
): AsyncGenerator<Uint8Array> {
	for (const slice of slices) yield await readPlan(deps.rosters, ref, slice);
}

export function forEachRemoval(plan: Uint8Array, visit: (op: number, line: Uint8Array) => void): void {
	forEachPlanLine(plan, (op, line) => {
		if (isRemoval(op)) visit(op, line);
	});
}
