import type { GrowingBytes } from './growing-bytes.ts';
import { forEachLine, lineEnd } from './shard-rows.ts';

/** The lines of a plan file: one operation, then a shard line or, to remove, a key. */
export const planOps = { add: 0x41, change: 0x43, furtherSchool: 0x46, remove: 0x52 } as const;

export function appendPlanLine(plan: GrowingBytes, op: number, line: Uint8Array): void {
	const start = plan.reserve(line.length + 2);
	plan.bytes[start] = op;
	plan.bytes.set(line, start + 1);
	plan.bytes[start + 1 + line.length] = lineEnd;
}

export function forEachPlanLine(plan: Uint8Array, visit: (op: number, line: Uint8Array) => void): void {
	forEachLine(plan, (start, end) => visit(plan[start] as number, plan.subarray(start + 1, end)));
}
