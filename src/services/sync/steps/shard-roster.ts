import type { RowView } from '../../../domain/roster/csv/records.ts';
import type { Verdict } from '../../../domain/roster/findings/verdict.ts';
import { type RosterKind, rosterFileName, rosterKinds } from '../../../domain/roster/format/kinds.ts';
import type { Run } from '../../../domain/run.ts';
import type { KindShards } from '../../../domain/sync/course.ts';
import { isDeferred } from '../../../domain/sync/records/mapping.ts';
import {
	rowShapeOf,
	shardOfRow,
	shardOfSchool,
	writeSchoolLine,
	writeShardLine,
} from '../../../domain/sync/shards/shard-lines.ts';
import { isMembership, kindsFrom, type SyncKind, syncKinds } from '../../../domain/sync/sync-kinds.ts';
import type { RosterWriter, RunRef, SyncRef } from '../../../ports.ts';
import { requireHistory } from '../files/histories.ts';
import { writeJson } from '../files/roster-files.ts';
import { columnsPath, shardPath, sourcePath } from '../files/roster-paths.ts';
import { forms, openSealed } from '../files/sealed-files.ts';
import { RunFailure } from '../run-failure.ts';
import { progressReporter } from '../shard-progress.ts';
import { loadRun, type SyncDeps } from '../sync-deps.ts';
import { columnWatch } from '../undo/column-watch.ts';
import { openEarlierRoster } from '../undo/earlier-roster.ts';
import { newVerification, verifyFile } from '../verify-file.ts';

/**
 * Step *shard*: reads the accepted files again, under the settings by which they were accepted, and spools every row that may be
 * synced to the shard of its key. Throws `RunFailure` if it comes to other counts. Idempotent: it overwrites its own shard files.
 */
export async function shardRoster(deps: SyncDeps, ref: SyncRef): Promise<{ kinds: readonly KindShards[] }> {
	const { profile, run } = await loadRun(deps, ref);
	const history = await requireHistory(deps, ref);
	const now = deps.clock.now();
	const kinds = syncKinds
		.filter((kind) => run.undoes !== undefined || !isDeferred(profile, kind, now))
		.map((kind): KindShards => ({ kind, shards: history.files[kind]?.length ?? 1 }));
	const earlier = run.undoes && (await openEarlierRoster(deps, { ref, history, profile, undoes: run.undoes }));
	const spool = openSpool(deps, ref, earlier ? kinds.filter(({ kind }) => !isMembership(kind)) : kinds);
	const columns = columnWatch();
	const verification = newVerification(deps, profile, (row) => {
		columns.see(row);
		if (!earlier || earlier.wasThere(row)) spool.write(row);
	});
	const total = Object.values(run.rows).reduce((sum, rows) => sum + rows, 0);
	const report = progressReporter(deps, ref, { step: 'shard/rows', total });
	for (const kind of rosterKinds) {
		const chunks = await deps.rosters.read(sourcePath({ ...ref, runId: run.sourceRunId }, kind));
		if (!chunks) throw unusableFile(kind, 'is missing in storage');
		const renew = async () => {
			await spool.drain();
			await report(Math.min(spool.rows, total));
		};
		await verifyFile(verification, kind, { chunks, renew });
		await spool.closeFile(kind);
	}
	requireSameRows(run, verification.finish());
	await writeJson(deps.rosters, columnsPath(ref), columns.seen);
	await earlier?.finish(kinds, columns.seen);
	return { kinds };
}

/** A file that ends earlier than it did would pass for a smaller roster; one whose header is not read any more, for none. */
function requireSameRows({ rows, acceptedRows = {} }: Run, { rowCounts, acceptedCounts }: Verdict): void {
	for (const kind of rosterKinds) {
		const [accepted, found] = [rows[kind], rowCounts[kind]];
		if (accepted !== undefined && accepted !== found)
			throw unusableFile(kind, `has ${accepted} rows, and ${found} of them can be read`);
		const [sound, soundNow] = [acceptedRows[kind], acceptedCounts[kind]];
		if (sound !== undefined && sound !== soundNow)
			throw unusableFile(kind, `had ${sound} rows without an error when it was verified, and has ${soundNow} now`);
	}
}

const unusableFile = (kind: RosterKind, what: string) =>
	new RunFailure(`the accepted file "${rosterFileName(kind)}" ${what}. Upload all files again and start.`);

function openSpool(deps: SyncDeps, ref: RunRef, kinds: readonly KindShards[]) {
	const writers = new Map<SyncKind, RosterWriter[]>();
	for (const { kind, shards } of kinds) {
		const open = (shard: number) => openSealed(deps.rosters, shardPath(ref, kind, shard), forms.rows);
		writers.set(
			kind,
			Array.from({ length: shards }, (_, shard) => open(shard)),
		);
	}
	const files = new Map(rosterKinds.map((kind) => [kind, fileSpool(writers, kind)]));
	let rows = 0;
	return {
		get rows() {
			return rows;
		},
		write(row: RowView): void {
			rows++;
			files.get(row.kind)?.(row);
		},
		async drain(): Promise<void> {
			for (const shards of writers.values()) for (const writer of shards) await writer.drain();
		},
		/** All that comes from the rows of a file. */
		async closeFile(file: RosterKind): Promise<void> {
			for (const kind of kindsFrom(file)) {
				for (const writer of writers.get(kind) ?? []) await writer.close();
				writers.delete(kind);
			}
		},
	};
}

/** Writes a row where its records belong; nowhere, if the kind is left alone. */
function fileSpool(writers: ReadonlyMap<SyncKind, readonly RosterWriter[]>, file: RosterKind): (row: RowView) => void {
	const shape = rowShapeOf(file);
	const records = writers.get(file) ?? [];
	const schools = kindsFrom(file).flatMap((kind) => (kind === file ? [] : (writers.get(kind) ?? [])));
	return (row) => {
		if (records.length > 0) records[shardOfRow(row, records.length)]?.append(writeShardLine(row, shape));
		if (schools.length > 0) schools[shardOfSchool(row, shape, schools.length)]?.append(writeSchoolLine(row, shape));
	};
}
