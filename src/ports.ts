import type { AuditEntry, SyncEvent } from './domain/events.ts';
import type { Notice } from './domain/notices/notice.ts';
import type { Profile } from './domain/profile.ts';
import type { Run, RunProgress } from './domain/run.ts';
import type { HistoryRecord } from './domain/sync/history/history.ts';
import type { SyncError } from './domain/sync-error.ts';

/** What the app needs from outside. One adapter per technology passes one test suite per port. */

export interface Clock {
	now(): Date;
	sleep(milliseconds: number): Promise<void>;
}

export interface Page<T> {
	items: readonly T[];
	/** Opaque; absent on the last page. */
	continuation?: string;
}

export interface PageRequest {
	/** At most this many items; a page may be shorter without being the last. */
	size: number;
	continuation?: string;
}

/** A stored profile with the version that a conditional write must name. */
export interface StoredProfile {
	profile: Profile;
	version: string;
}

export interface ProfileStore {
	/** Throws if the tenant has a profile with this id. */
	insert(profile: Profile): Promise<void>;
	get(tenantId: string, profileId: string): Promise<StoredProfile | undefined>;
	/** In order of creation. The continuation is the id of the last item. */
	list(tenantId: string, page: PageRequest): Promise<Page<Profile>>;
	/** Writes only if nobody has since `stored.version`; answers whether it did. */
	replace(stored: StoredProfile, next: Profile): Promise<boolean>;
	/** Deleting what is gone is no error. */
	delete(tenantId: string, profileId: string): Promise<void>;
}

export interface RunStore {
	/** Creates or overwrites. */
	save(run: Run): Promise<void>;
	get(profileId: string, runId: string): Promise<Run | undefined>;
	/** Newest first. The continuation is the id of the last item. */
	list(profileId: string, page: PageRequest): Promise<Page<Run>>;
	/** Each step (such as `users/student/3`) overwrites its own earlier report, so a repeated activity counts once. */
	reportProgress(run: RunRef, step: string, progress: RunProgress): Promise<void>;
	/** The sum over all steps whose name starts with `phase + '/'`. */
	progressOf(run: RunRef, phase: string): Promise<RunProgress>;
	/** Deletes the runs that began before, as their ids say, with their progress, but for those that are named. */
	deleteOlder(profileId: string, before: Date, keep: ReadonlySet<string>): Promise<void>;
	deleteAll(profileId: string): Promise<void>;
}

/** A stored history with the version that a conditional write must name. */
export interface StoredHistory {
	record: HistoryRecord;
	version: string;
}

/** The history of a profile's runs: the fence between them. */
export interface HistoryStore {
	get(profileId: string): Promise<StoredHistory | undefined>;
	/** Writes only if nobody has since `version`, or without one, if there is none; answers whether it did. */
	replace(profileId: string, next: { record: HistoryRecord; version?: string }): Promise<boolean>;
	/** Deleting what is gone is no error. */
	delete(profileId: string): Promise<void>;
}

export interface RunRef {
	tenantId: string;
	profileId: string;
	runId: string;
}

export interface SyncErrorStore {
	/**
	 * Creates or overwrites by id, so a repeated activity records once. The errors of one place (run, stage and shard, see
	 * `syncErrorId`) are saved in order from index 0 on, in multiples of 250 but for the last of them; what an earlier attempt
	 * had behind them is gone.
	 */
	save(profileId: string, errors: readonly SyncError[]): Promise<void>;
	/** In order of id, which is order of recording; newest run last. The continuation is the id of the last item. */
	list(profileId: string, page: PageRequest): Promise<Page<SyncError>>;
	get(profileId: string, errorId: string): Promise<SyncError | undefined>;
	/** As cheap as it is for none, however many there are. */
	count(profileId: string): Promise<number>;
	deleteAll(profileId: string): Promise<void>;
}

/** A file in a profile's upload container. Name and type are whatever the uploader wrote: hostile. */
export interface UploadedFile {
	name: string;
	sizeBytes: number;
	/** Changes with every write. */
	etag: string;
	lastModified: Date;
	isBlockBlob: boolean;
}

export interface UploadStore {
	create(tenantId: string, profileId: string): Promise<void>;
	/** Deleting what is gone is no error. */
	delete(profileId: string): Promise<void>;
	/** The tenant that the container was created for; undefined for a container that is not ours. */
	tenantOf(profileId: string): Promise<string | undefined>;
	/** A URL that may create and write files in the profile's container, and nothing else, for one hour. */
	signUrl(profileId: string): Promise<string>;
	/** At most `limit` files, in order of name. */
	list(profileId: string, limit: number): Promise<readonly UploadedFile[]>;
	/**
	 * Throws `UploadChangedError` when the file is no longer the one listed, and `UploadUnreadableError` when storage refuses to
	 * read it. An empty file has no first bytes.
	 */
	read(profileId: string, file: UploadedFile, part?: { firstBytes: number }): Promise<AsyncIterable<Uint8Array>>;
	/** Writes the file anew, whole or not at all, from chunks valid until the next one; throws `UploadChangedError` as `read` does. */
	replace(profileId: string, file: UploadedFile, chunks: AsyncIterable<Uint8Array>): Promise<UploadedFile>;
	/** Copies on the server to `path` of the roster store; throws `UploadChangedError` as `read` does. */
	copyToRosters(profileId: string, file: UploadedFile, path: string): Promise<void>;
	/** Copies a file of the roster store back under this name, unless there is one already; answers its version then. */
	putBack(profileId: string, name: string, path: string): Promise<string | undefined>;
	/** Deletes the file if it is still the one listed, be it leased; anything newer stays. */
	remove(profileId: string, file: Pick<UploadedFile, 'name' | 'etag'>): Promise<void>;
}

/** The private container: accepted files, shards, plans and snapshots, by path. */
export interface RosterStore {
	/** Undefined if there is no such file. Chunks are valid until the next one is asked for. */
	read(path: string): Promise<AsyncIterable<Uint8Array> | undefined>;
	/** Readers see the old content or the whole new one, never a part. */
	write(path: string): RosterWriter;
	/** Deletes every file whose path starts with `prefix`, but for those that `isKept` names. */
	deleteAll(prefix: string, isKept?: (path: string) => boolean): Promise<void>;
}

export interface RosterWriter {
	/** Copies `bytes`; call `drain` now and then so that memory stays bounded. */
	append(bytes: Uint8Array): void;
	drain(): Promise<void>;
	/** Makes the file visible. Without it nothing is written. */
	close(): Promise<void>;
}

/** What a sync works on: its run, and the delta history that it compares with and continues. */
export interface SyncRef extends RunRef {
	generation: string;
}

/** Starts and asks after the durable orchestrations of one profile; the profile's id names the instance. */
export interface Orchestrations {
	provision(ref: ProfileRef): Promise<void>;
	remove(ref: ProfileRef): Promise<void>;
	/** False if a sync of this profile is running, or suspended, already. */
	startSync(run: SyncRef): Promise<boolean>;
	syncState(ref: ProfileRef): Promise<'none' | 'running' | 'suspended'>;
	/**
	 * Steps under way finish, and none begins until `resumeSync`; nothing if no sync is running. Both resolve once the state
	 * shows, and may be called at any time, by several at once.
	 */
	suspendSync(ref: ProfileRef): Promise<void>;
	resumeSync(ref: ProfileRef): Promise<void>;
	/** Ends a running or suspended sync; steps under way finish. Nothing if there is none. */
	endSync(ref: ProfileRef): Promise<void>;
	/** Waits until these uploads have rested, then starts a sync with them. Once per set of uploads. */
	settleUploads(ref: ProfileRef, setId: string): Promise<void>;
	/** Deletes the histories of what began before and has ended. */
	forgetBefore(time: Date): Promise<void>;
}

export interface ProfileRef {
	tenantId: string;
	profileId: string;
}

/** A secret of a profile: what a provider's server asks of us beside the client id, or what signs its notices. */
export interface SecretRef extends ProfileRef {
	/** That of the provider, where this is absent. */
	name?: 'notifications';
}

/** Secrets are written, used and deleted, and never shown. */
export interface SecretStore {
	put(ref: SecretRef, secret: string): Promise<void>;
	get(ref: SecretRef): Promise<string | undefined>;
	/** Deleting what is gone is no error. */
	delete(ref: SecretRef): Promise<void>;
}

/** Something that somebody must look at when its time has come. What is to be done then, it says itself. */
export interface DueWork {
	/** A tenant, or the deployment. */
	owner: string;
	/** The id of a profile, or the name of a chore. */
	subject: string;
	at: Date;
}

/** Stored work with the version that a conditional write must name. */
export interface StoredDueWork {
	work: DueWork;
	version: string;
}

/** What is due, when. Whoever works on something takes it first, for a while: then a crash loses nothing. */
export interface DueWorkStore {
	/** Overwrites what is there for the same subject and time, and so frees it if somebody had taken it. */
	put(work: DueWork): Promise<void>;
	/** What is due and taken by nobody, earliest first; at most `limit`, and none only if there is none. */
	due(owner: string, now: Date, limit: number): Promise<readonly StoredDueWork[]>;
	/** Until then nobody else finds it. Undefined if somebody was faster. */
	take(stored: StoredDueWork, until: Date): Promise<StoredDueWork | undefined>;
	/** Deletes it, unless somebody has taken or put it since; answers whether it did. */
	finish(taken: StoredDueWork): Promise<boolean>;
	/** What anything is kept of, due or not, taken or not. */
	subjects(owner: string): Promise<ReadonlySet<string>>;
}

/** Who did what to a profile. */
export interface AuditStore {
	append(profileId: string, entry: AuditEntry): Promise<void>;
	/** Newest first. The continuation is the id of the last item. */
	list(profileId: string, page: PageRequest): Promise<Page<AuditEntry>>;
	deleteAll(profileId: string): Promise<void>;
}

/** Whoever wants to know what happened: logs, telemetry, audit. Telling neither waits nor fails. */
export interface Events {
	happened(event: SyncEvent): void;
}

/** Notices on their way, which outlive the process. */
export interface NoticeQueue {
	/** Once for each id. */
	deliver(notice: Notice): Promise<void>;
}

export interface OutgoingNotice {
	url: string;
	headers: Readonly<Record<string, string>>;
	body: string;
}

/** Posts to a receiver that somebody has named: a stranger. */
export interface NoticeSender {
	/** The status of its answer; undefined where there is none, or where it must not be asked. */
	post(notice: OutgoingNotice): Promise<number | undefined>;
}
