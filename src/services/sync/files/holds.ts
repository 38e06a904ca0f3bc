import { createHash } from 'node:crypto';
import type { Profile } from '../../../domain/profile.ts';
import { membershipStates, Snapshot } from '../../../domain/sync/history/snapshot.ts';
import type { Hold } from '../../../domain/sync/holds/removals.ts';
import { forEachLine } from '../../../domain/sync/shards/shard-rows.ts';
import { type MembershipKind, membershipKinds } from '../../../domain/sync/sync-kinds.ts';
import type { RunRef } from '../../../ports.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { readRekeys } from './rekeyed-files.ts';
import { readJson, writeJson } from './roster-files.ts';
import { heldPath, holdsPath, rekeyedPath } from './roster-paths.ts';
import { findSealed, forms, writeSealed } from './sealed-files.ts';

/** What a run does not carry out, and what names it: whoever approves says that this is what was looked at. */
export interface HeldRemovals {
	etag: string;
	holds: readonly Hold[];
}

/** What finds that something must wait: the weighing of a plan, and the reading back of what the directory has. */
export type Holder = 'weighing' | 'reading';

const holders: readonly Holder[] = ['weighing', 'reading'];

type HoldDeps = Pick<SyncDeps, 'rosters' | 'hashSeed'>;

/** The lines of memberships that are held. */
export async function writeHeld(
	{ rosters }: HoldDeps,
	run: RunRef,
	{ kind, by, lines }: { kind: MembershipKind; by: Holder; lines: readonly Uint8Array[] },
): Promise<void> {
	const ended = lines.map((line) => Buffer.concat([line, lineEnd]));
	await writeSealed(rosters, { path: heldPath(run, kind, by), form: forms.rows }, ended);
}

const lineEnd = Buffer.from('\n');

/** Names what is held by all lines that are: once they are written. */
export async function saveHolds(deps: HoldDeps, run: RunRef, holds: readonly Hold[]): Promise<void> {
	const digest = createHash('sha256');
	for (const kind of membershipKinds)
		for (const by of holders) digest.update((await findHeld(deps, run, { kind, by })) ?? '');
	digest.update(JSON.stringify(await readRekeys(deps.rosters, (kind) => rekeyedPath(run, kind))));
	const etag = holds.length > 0 ? `"${digest.digest('base64url')}"` : '';
	await writeJson(deps.rosters, holdsPath(run), { etag, holds } satisfies HeldRemovals);
}

/** Empty if the run holds nothing, or is not known any more. */
export async function readHolds({ rosters }: Pick<SyncDeps, 'rosters'>, run: RunRef): Promise<HeldRemovals> {
	return (await readJson<HeldRemovals>(rosters, holdsPath(run))) ?? { etag: '', holds: [] };
}

/** What is left to decide of: without what somebody has discarded. */
export function openHolds(held: HeldRemovals, { discardedHolds }: Profile, { runId }: RunRef): HeldRemovals {
	const discarded = discardedHolds?.runId === runId ? discardedHolds.holdIds : [];
	const holds = held.holds.filter(({ id }) => !discarded.includes(id));
	if (holds.length === held.holds.length) return held;
	const digest = createHash('sha256')
		.update(JSON.stringify([held.etag, discarded]))
		.digest('base64url');
	return { etag: holds.length > 0 ? `"${digest}"` : '', holds };
}

/** Tells of a removal whether a run holds it. */
export async function heldRemovals(
	deps: HoldDeps,
	run: RunRef,
	kind: MembershipKind,
	by: readonly Holder[] = holders,
): Promise<(line: Uint8Array) => boolean> {
	const keys = new Snapshot(1, deps.hashSeed());
	for (const holder of by) {
		const stored = await findHeld(deps, run, { kind, by: holder });
		if (stored) forEachLine(stored, (start, end) => keys.set(stored.subarray(start, end), membershipStates.there));
	}
	return (line) => keys.find(line) >= 0;
}

/** How many removals of the plan are held. */
export async function countHeld(deps: HoldDeps, run: RunRef, kind: MembershipKind): Promise<number> {
	const stored = await findHeld(deps, run, { kind, by: 'weighing' });
	let held = 0;
	if (stored) forEachLine(stored, () => held++);
	return held;
}

/** Calls back for every membership whose removal a run holds; the line is valid during the call. */
export async function forEachHeld(
	deps: HoldDeps,
	run: RunRef,
	visit: (kind: MembershipKind, line: Uint8Array) => void,
): Promise<void> {
	for (const kind of membershipKinds)
		for (const by of holders) {
			const stored = await findHeld(deps, run, { kind, by });
			if (stored) forEachLine(stored, (start, end) => visit(kind, stored.subarray(start, end)));
		}
}

function findHeld(
	{ rosters }: HoldDeps,
	run: RunRef,
	{ kind, by }: { kind: MembershipKind; by: Holder },
): Promise<Uint8Array | undefined> {
	const name = `the held part of the plan of ${kind}`;
	return findSealed(rosters, { path: heldPath(run, kind, by), form: forms.rows, name });
}
