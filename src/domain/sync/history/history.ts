import { type MembershipKind, membershipKinds, type SyncKind } from '../sync-kinds.ts';

/**
 * What the runs of a profile share: who may write, and where what was achieved since the last reset lies. It is changed only as long
 * as nobody else has changed it, and so it is the fence: a run that is not the newest any more gets nothing in.
 */
export interface HistoryRecord {
	/** The newest run. */
	epoch: string;
	/** Another one begins with a reset: nothing of what went before counts. */
	generation: string;
	/** Of each kind one file a shard, by name; empty where nothing was achieved yet. Files never change: another one takes the place. */
	files: Readonly<Partial<Record<SyncKind, readonly string[]>>>;
	/** The newest run that was to write; a dry run is none. */
	last?: string;
	/** How it was when that run began, as long as it can be undone. */
	before?: Beginning;
	/** Kinds of which nobody has read yet whom the directory has besides: no history was kept until now. */
	unread?: readonly MembershipKind[];
	/** Slices that the newest run has begun, and whose outcome is in no history file yet. */
	slices: Slices;
	/** Objects have other SIS ids in `files` already, and the directory is yet to be told. */
	rekeying?: Rekeying;
	/** Those of an earlier run, until the newest has taken them into account. */
	unsettled?: { runId: string; generation: string; slices: Slices };
}

export interface Beginning {
	/** The run that had brought it there. */
	runId: string;
	startedDateTime: string;
	files: HistoryRecord['files'];
}

interface Rekeying {
	/** The name of the history files that say which objects. */
	file: string;
	/** Who tells the directory, and until when it may. */
	runId: string;
	until: string;
}

/** A run, and the generation of the history that it goes on with. */
export interface HistoryHolder {
	runId: string;
	generation: string;
}

/** By name, until when the step that began a slice may write to the directory. */
type Slices = Readonly<Record<string, string>>;

/** One part of the plan of one shard: what one step carries out. */
export interface SlicePlace {
	kind: SyncKind;
	shard: number;
	part: number;
}

const nameOf = ({ kind, shard, part }: SlicePlace) => `${kind}/${shard}/${part}`;

export function placeOf(name: string): SlicePlace {
	const [kind, shard, part] = name.split('/') as [SyncKind, string, string];
	return { kind, shard: Number(shard), part: Number(part) };
}

/** Run ids are ordered newest first. */
const isNewer = (runId: string, than: string) => runId < than;

/** Whether a run has a successor. */
export const isFenced = ({ epoch }: HistoryRecord, runId: string) => epoch !== runId && isNewer(epoch, runId);

/** The history as it is for its newest run; undefined if there is a newer one. What an earlier run left open is to be settled. */
export function takenOver(record: HistoryRecord | undefined, holder: HistoryHolder): HistoryRecord | undefined {
	const { runId, generation } = holder;
	if (!record) return { epoch: runId, generation, files: {}, unread: membershipKinds, slices: {} };
	if (record.epoch === runId) return record;
	if (isFenced(record, runId)) return undefined;
	const { epoch, slices, files, unread = [], unsettled, last, before, rekeying } = record;
	const known = {
		files,
		unread,
		...(last ? { last } : {}),
		...(before ? { before } : {}),
		...(rekeying ? { rekeying } : {}),
	};
	const isSame = record.generation === generation;
	// After a reset nobody goes on with it, and it is only waited for until it is over.
	const begun = rekeying && !isSame ? { ...slices, telling: rekeying.until } : slices;
	const hasOpen = Object.keys(begun).length > 0;
	const open = hasOpen ? { runId: epoch, generation: record.generation, slices: begun } : unsettled;
	return {
		epoch: runId,
		generation,
		...(isSame ? known : { files: {}, unread: membershipKinds }),
		slices: {},
		...(open ? { unsettled: open } : {}),
	};
}

/** The newest run is about to write: from here on it is what can be undone. Of the first one of a generation nothing is known to go back to. */
export function beginsToWrite(record: HistoryRecord, runId: string, now: Date): HistoryRecord {
	if (record.last === runId) return record;
	const { last, before: _, ...kept } = record;
	const before = last && { runId: last, startedDateTime: now.toISOString(), files: record.files };
	return { ...kept, last: runId, ...(before ? { before } : {}) };
}

/** Whether a step of an earlier run may still write to the directory. */
export function mayStillWrite({ epoch, unsettled, rekeying }: HistoryRecord, now: Date): boolean {
	const times = Object.values(unsettled?.slices ?? {});
	if (rekeying && rekeying.runId !== epoch) times.push(rekeying.until);
	return times.some((until) => new Date(until) > now);
}

/** What an earlier run left open counts in `files` from now on. */
export function settled(record: HistoryRecord, files: HistoryRecord['files']): HistoryRecord {
	const { unsettled: _, ...kept } = record;
	return { ...kept, files: { ...record.files, ...files } };
}

/** Whom the directory has besides stands in the files of these kinds. Undefined if the run is not the newest any more. */
export function wereRead(
	record: HistoryRecord,
	runId: string,
	kinds: readonly MembershipKind[],
): HistoryRecord | undefined {
	if (record.epoch !== runId) return undefined;
	return { ...record, unread: (record.unread ?? []).filter((kind) => !kinds.includes(kind)) };
}

/** Before the directory is asked, and again before the time is over. Undefined if the run is not the newest any more. */
export function begun(record: HistoryRecord, runId: string, place: SlicePlace, until: Date): HistoryRecord | undefined {
	if (record.epoch !== runId) return undefined;
	return { ...record, slices: { ...record.slices, [nameOf(place)]: until.toISOString() } };
}

/** The step writes no more: its journal says what came of it. Of an earlier run, too. */
export function ended(record: HistoryRecord, runId: string, place: SlicePlace): HistoryRecord {
	const over = (slices: Slices): Slices =>
		nameOf(place) in slices ? { ...slices, [nameOf(place)]: new Date(0).toISOString() } : slices;
	if (record.epoch === runId) return { ...record, slices: over(record.slices) };
	if (record.unsettled?.runId !== runId) return record;
	return { ...record, unsettled: { ...record.unsettled, slices: over(record.unsettled.slices) } };
}

/** `file` has all that came of a shard's slices. Undefined if the run is not the newest any more. */
export function committed(
	record: HistoryRecord,
	runId: string,
	{ kind, shard, file }: { kind: SyncKind; shard: number; file: string },
): HistoryRecord | undefined {
	if (record.epoch !== runId) return undefined;
	const files = [...(record.files[kind] ?? [])];
	files[shard] = file;
	const open = Object.entries(record.slices).filter(([name]) => !name.startsWith(`${kind}/${shard}/`));
	return { ...record, files: { ...record.files, [kind]: files }, slices: Object.fromEntries(open) };
}

/** Objects have other SIS ids in these files. The same if somebody was faster; undefined if the run is not the newest any more. */
export function rekeyed(
	record: HistoryRecord,
	runId: string,
	{ before, files, file }: { before: HistoryRecord['files']; files: HistoryRecord['files']; file: string },
): HistoryRecord | undefined {
	if (record.epoch !== runId) return undefined;
	if (record.rekeying || JSON.stringify(record.files) !== JSON.stringify(before)) return record;
	const rekeying = { file, runId, until: new Date(0).toISOString() };
	// What was before went by other ids: there is no way back to it.
	const { before: _, ...kept } = record;
	return { ...kept, files: { ...record.files, ...files }, rekeying };
}

/** The directory is about to be told which objects these are. Undefined if the run is not the newest any more. */
export function tellingUntil(record: HistoryRecord, runId: string, until: Date): HistoryRecord | undefined {
	if (record.epoch !== runId) return undefined;
	if (!record.rekeying) return record;
	return { ...record, rekeying: { ...record.rekeying, runId, until: until.toISOString() } };
}

/** The directory knows. Undefined if the run is not the newest any more. */
export function told(record: HistoryRecord, runId: string): HistoryRecord | undefined {
	if (record.epoch !== runId) return undefined;
	const { rekeying: _, ...kept } = record;
	return kept;
}
