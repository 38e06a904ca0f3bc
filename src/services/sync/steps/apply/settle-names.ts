import type { WriteOutcome } from '../../../../domain/directory.ts';
import type { Profile } from '../../../../domain/profile.ts';
import type { SettledNames, Slice } from '../../../../domain/sync/course.ts';
import type { SlicePlace } from '../../../../domain/sync/history/history.ts';
import { Journal, resultOf, type SliceResult } from '../../../../domain/sync/history/journal.ts';
import type { AccountRole } from '../../../../domain/sync/records/identity.ts';
import type { SyncRef } from '../../../../ports.ts';
import { beginSlice, endSlice, type Lease, requireHistory } from '../../files/histories.ts';
import { findJournal, readPostponed, writeJournal, writePlan } from '../../files/plan-files.ts';
import { payloadBytesOf } from '../../files/snapshots.ts';
import { type FailureLog, failureLog } from '../../record-errors.ts';
import { loadRun, type SyncDeps } from '../../sync-deps.ts';
import { noteWritten, recordsAtOnce } from './apply-entities.ts';
import { commitJournals } from './apply-slice.ts';
import { describeUser, logFailures, userOf } from './entity-writers.ts';
import { type PlannedRecord, readPlanned } from './planned-records.ts';

/** Those of one shard who wait. They make one more slice of it. */
interface Waiting {
	kind: AccountRole;
	place: SlicePlace;
	records: readonly PlannedRecord[];
	journal: Journal;
	failures: FailureLog;
}

/**
 * Step *settle names*: who was to have a sign-in name that somebody else still had is written once everybody else of the run is. All of them
 * together, of both roles: so chains follow each other, and circles are seen, through whatever slices they run. Idempotent, as a slice is.
 */
export async function settleNames(
	deps: SyncDeps,
	ref: SyncRef,
	slices: readonly Slice[],
): Promise<{ settled: readonly SettledNames[] }> {
	const byShard = [...Map.groupBy(slices, ({ kind, shard }) => `${kind}/${shard}`).values()];
	const places = byShard.map(([first]) => placeBehind(first as Slice));
	const journals = await Promise.all(places.map((place) => findJournal(deps.rosters, ref, place)));
	const known = journals.flatMap((journal) => (journal ? [resultOf(journal)] : []));
	try {
		const results = known.length === places.length ? known : await carryOut(deps, ref, byShard);
		for (const { kind, shard, part } of places)
			await commitJournals(deps, ref, { kind, shard, parts: [part], file: `${ref.runId}.names` });
		return {
			settled: results.map(({ failed, writes }, at) => ({ kind: (places[at] as SlicePlace).kind, failed, writes })),
		};
	} catch (error) {
		for (const place of places) await endSlice(deps, ref, place).catch(() => {});
		throw error;
	}
}

const placeBehind = ({ kind, shard, parts }: Slice): SlicePlace => ({ kind, shard, part: parts });

async function carryOut(deps: SyncDeps, ref: SyncRef, byShard: readonly Slice[][]): Promise<SliceResult[]> {
	const { profile } = await loadRun(deps, ref);
	const waiting = await Promise.all(byShard.map((ofShard) => waitingOf(deps, ref, { profile, ofShard })));
	const leases = await Promise.all(waiting.map(({ place }) => beginSlice(deps, ref, place)));
	const writes = await writeAll(deps, { profile, waiting, leases });
	// A run that has a successor must not list its errors among those of the successor.
	await requireHistory(deps, ref);
	const results: SliceResult[] = [];
	for (const [at, { place, journal, failures }] of waiting.entries()) {
		await failures.flush();
		const result = { failed: failures.count, writes: writes[at] ?? 0, held: 0, postponed: 0 };
		await writeJournal(deps.rosters, ref, { ...place, parts: journal.encode(result) });
		results.push(result);
	}
	return results;
}

/** Their plan is written before anything else, so that whoever comes after a kill knows whom it was about. */
async function waitingOf(
	deps: SyncDeps,
	ref: SyncRef,
	{ profile, ofShard }: { profile: Profile; ofShard: readonly Slice[] },
): Promise<Waiting> {
	const place = placeBehind(ofShard[0] as Slice);
	const kind = place.kind as AccountRole;
	const plans = await Promise.all(ofShard.map((slice) => readPostponed(deps.rosters, ref, slice)));
	const plan = Buffer.concat(plans);
	await writePlan(deps.rosters, ref, { ...place, bytes: plan });
	return {
		kind,
		place,
		records: readPlanned(plan, profile, kind).records,
		journal: new Journal(payloadBytesOf(kind)),
		failures: failureLog(deps, { ...ref, kind, number: lastNumber - place.shard }),
	};
}

/** Slices are counted from 0; these lie at the other end. */
const lastNumber = 0xffff;

/** All of them hold until then. */
async function renewAll(leases: readonly Lease[]): Promise<Date> {
	const until = await Promise.all(leases.map((lease) => lease.renew()));
	return new Date(Math.min(...until.map((each) => each.getTime())));
}

/** Answers the writes for each of those who wait. */
async function writeAll(
	{ directory }: SyncDeps,
	{ profile, waiting, leases }: { profile: Profile; waiting: readonly Waiting[]; leases: readonly Lease[] },
): Promise<number[]> {
	const all = waiting.flatMap(({ kind, records }, at) => records.map((planned) => ({ at, kind, planned })));
	const outcomes: WriteOutcome[][] = waiting.map(() => []);
	for (let start = 0; start < all.length; start += recordsAtOnce) {
		const some = all.slice(start, start + recordsAtOnce);
		const users = some.map(({ kind, planned }) => userOf(profile, kind, planned));
		const written = await directory.putUsers(profile.tenantId, users, () => renewAll(leases));
		for (const [index, { at }] of some.entries()) outcomes[at]?.push(written[index] as WriteOutcome);
	}
	for (const [at, { kind, records, journal, failures }] of waiting.entries()) {
		noteWritten(journal, records, outcomes[at] ?? []);
		logFailures(failures, outcomes[at] ?? [], (index) => describeUser(profile, kind, records[index] as PlannedRecord));
	}
	return outcomes.map((some) => some.filter((outcome) => outcome.ok && outcome.changed).length);
}
