import type { RosterKind } from '../../domain/roster/kinds.ts';
import type { RunRef } from '../../ports.ts';

/** Where things lie in the roster store. Every name is made of our own ids, never of an uploaded one. */

export const profileFolder = (profileId: string) => `${profileId}/`;
export const runsFolder = (profileId: string) => `${profileId}/runs/`;
export const runFolder = (run: RunRef) => `${runsFolder(run.profileId)}${run.runId}/`;
export const sourceFolder = (run: RunRef) => `${runFolder(run)}source/`;
export const sourcePath = (run: RunRef, kind: RosterKind) => `${sourceFolder(run)}${kind}.csv`;
export const reportFolder = (run: RunRef) => `${runFolder(run)}report/`;
export const reportPath = (run: RunRef) => `${reportFolder(run)}findings.csv`;
export const messagesPath = (run: RunRef) => `${reportFolder(run)}messages.json`;
export const faultyRowsPath = (run: RunRef, kind: RosterKind) => `${reportFolder(run)}rows/${kind}.csv`;
export const shardsFolder = (run: RunRef) => `${runFolder(run)}shards/`;
export const shardPath = (run: RunRef, kind: RosterKind, shard: number) => `${shardsFolder(run)}${kind}/${shard}`;
export const plansFolder = (run: RunRef) => `${runFolder(run)}plan/`;
export const planPath = (run: RunRef, kind: RosterKind, shard: number) => `${plansFolder(run)}${kind}/${shard}`;

/** The delta history of a profile: what its runs have achieved since it was last reset. */
export interface History {
	profileId: string;
	generation: string;
}

export const snapshotsFolder = ({ profileId, generation }: History) => `${profileId}/snapshots/${generation}/`;
export const snapshotManifestPath = (history: History) => `${snapshotsFolder(history)}manifest.json`;

export const snapshotCountFolder = (history: History, kind: RosterKind, shards: number) =>
	`${snapshotsFolder(history)}${kind}/${shards}/`;

/** The count is part of the path, so that a run that needs more shards leaves the old ones whole until it is done. */
export const snapshotPath = (history: History, place: { kind: RosterKind; shards: number; shard: number }) =>
	`${snapshotCountFolder(history, place.kind, place.shards)}${place.shard}`;
