import { GrowingBytes } from './growing-bytes.ts';
import { forEachLine, lineEnd } from './shard-rows.ts';

/**
 * The lines of a plan file: one operation, then a shard line or, to remove, a key. `expel` removes a member whom the directory was found
 * to have though no file of ours brought it.
 */
export const planOps = { add: 0x41, change: 0x43, remove: 0x52, expel: 0x58 } as const;

export const isRemoval = (op: number) => op === planOps.remove || op === planOps.expel;

/** The plan of a shard, cut into slices. */
export class PlanParts {
	readonly #recordsPerSlice: number;
	readonly #parts: Uint8Array[] = [];
	readonly #part = new GrowingBytes();
	#records = 0;

	constructor(recordsPerSlice: number) {
		this.#recordsPerSlice = recordsPerSlice;
	}

	/** The next lines are about a record, or about so many that must not be parted. */
	begin(records = 1): void {
		if (this.#records >= this.#recordsPerSlice) this.#close();
		this.#records += records;
	}

	append(op: number, line: Uint8Array): void {
		const start = this.#part.reserve(line.length + 2);
		this.#part.bytes[start] = op;
		this.#part.bytes.set(line, start + 1);
		this.#part.bytes[start + 1 + line.length] = lineEnd;
	}

	finish(): Uint8Array[] {
		if (this.#records > 0) this.#close();
		return this.#parts;
	}

	#close(): void {
		this.#parts.push(this.#part.bytes.slice());
		this.#part.clear();
		this.#records = 0;
	}
}

export function forEachPlanLine(plan: Uint8Array, visit: (op: number, line: Uint8Array) => void): void {
	forEachLine(plan, (start, end) => visit(plan[start] as number, plan.subarray(start + 1, end)));
}

/** What one slice is to do. */
export interface PlannedChanges {
	added: number;
	changed: number;
	removed: number;
}

export function changesIn(plan: Uint8Array): PlannedChanges {
	const changes: PlannedChanges = { added: 0, changed: 0, removed: 0 };
	forEachPlanLine(plan, (op) => {
		if (op === planOps.add) changes.added++;
		else if (op === planOps.change) changes.changed++;
		else if (isRemoval(op)) changes.removed++;
	});
	return changes;
}

export const recordsIn = ({ added, changed, removed }: PlannedChanges): number => added + changed + removed;
