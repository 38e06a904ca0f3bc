import { hash } from 'node:crypto';
import { GrowingBytes } from './history/growing-bytes.ts';
import { contentEnd, fieldEndAfter, forEachLine, lineEnd, secretStart } from './shards/shard-rows.ts';
import { isMembership, type SyncKind } from './sync-kinds.ts';

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

/** What a slice is to do, with what names its lines and how many classes or schools they are about. */
export interface PlannedPart extends PlannedChanges {
	groups: number;
	digest: string;
}

export function plannedPart(kind: SyncKind, plan: Uint8Array): PlannedPart {
	// The same people with other initial passwords are the same plan, also once those are gone.
	const digest = hash('sha256', withoutPasswords(plan), 'base64url');
	return { ...changesIn(plan), groups: isMembership(kind) ? groupsIn(plan) : 0, digest };
}

/** Lines of a class or school follow each other. */
function groupsIn(plan: Uint8Array): number {
	let groups = 0;
	let last: Uint8Array = new Uint8Array();
	forEachPlanLine(plan, (_, line) => {
		const group = line.subarray(0, fieldEndAfter(line, 0, line.length));
		if (groups === 0 || Buffer.compare(group, last) !== 0) groups++;
		last = group;
	});
	return groups;
}

/** The same plan without the initial passwords; itself if it has none. */
export function withoutPasswords(plan: Uint8Array): Uint8Array {
	if (plan.indexOf(secretStart) < 0) return plan;
	const bare = new GrowingBytes(plan.length);
	forEachLine(plan, (start, end) => {
		bare.append(plan.subarray(start, contentEnd(plan, start, end)));
		bare.append(Uint8Array.of(lineEnd));
	});
	return bare.bytes;
}

/** What a run is to do with the records of a kind. What is held is not among the removed. */
export interface PlanCounts extends PlannedChanges {
	unchanged: number;
	held: number;
}

export const recordsIn = ({ added, changed, removed }: PlannedChanges): number => added + changed + removed;
