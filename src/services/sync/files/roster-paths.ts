import type { RosterKind } from '../../../domain/roster/format/kinds.ts';
import type { SlicePlace } from '../../../domain/sync/history/history.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import type { SyncKind } from '../../../domain/sync/sync-kinds.ts';
import type { RunRef } from '../../../ports.ts';

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
/** Which columns of people, classes and schools a run has synced. */
export const columnsPath = (run: RunRef) => `${runFolder(run)}columns.json`;
export const shardsFolder = (run: RunRef) => `${runFolder(run)}shards/`;
export const shardPath = (run: RunRef, kind: SyncKind, shard: number) => `${shardsFolder(run)}${kind}/${shard}`;
export const plansFolder = (run: RunRef) => `${runFolder(run)}plan/`;
export const planPath = (run: RunRef, { kind, shard, part }: SlicePlace) =>
	`${plansFolder(run)}${kind}/${shard}/${part}`;
export const planIndexPath = (run: RunRef) => `${plansFolder(run)}index.json`;
/** By class, the school that the files give it. */
export const classesPath = (run: RunRef) => `${plansFolder(run)}classes`;
export const postponedPath = (run: RunRef, place: SlicePlace) => `${planPath(run, place)}.postponed`;
export const holdsPath = (run: RunRef) => `${runFolder(run)}holds/holds.json`;
export const heldPath = (run: RunRef, kind: SyncKind, by: string) => `${runFolder(run)}holds/${kind}/${by}`;
/** Of records that came under new SIS ids; and what of the plan waits with them. */
export const rekeyedPath = (run: RunRef, kind: EntityKind) => heldPath(run, kind, 'rekeyed');
export const leftOutPath = (run: RunRef) => `${runFolder(run)}holds/left-out.json`;
export const journalsFolder = (run: RunRef) => `${runFolder(run)}journal/`;
export const journalPath = (run: RunRef, { kind, shard, part }: SlicePlace) =>
	`${journalsFolder(run)}${kind}/${shard}/${part}`;

/** What the runs of a profile have achieved. */
export const historyFolder = (profileId: string) => `${profileId}/history/`;

/** `file` is unique: it begins with the id of the run that wrote it. */
export const historyPath = (
	profileId: string,
	{ kind, file, shard }: { kind: SyncKind; file: string; shard: number },
) => `${historyFolder(profileId)}${file}/${kind}/${shard}`;

/** The objects that have other SIS ids in the history files of this name. */
export const rekeyingPath = (profileId: string, { kind, file }: { kind: EntityKind; file: string }) =>
	`${historyFolder(profileId)}${file}/rekeyed/${kind}`;
