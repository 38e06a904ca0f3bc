import { type KeptFile, PasswordRemover } from '../../../domain/roster/findings/removed-passwords.ts';
import type { RosterKind } from '../../../domain/roster/format/kinds.ts';
import type { HistoryRecord } from '../../../domain/sync/history/history.ts';
import type { RosterStore, RunRef, SyncRef } from '../../../ports.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { faultyRowsPath, sourcePath } from './roster-paths.ts';
import { readAllSnapshots } from './snapshots.ts';

const userKinds = ['student', 'teacher'] as const satisfies readonly RosterKind[];

/**
 * Takes the initial passwords of accounts that exist out of the files that are kept: the accepted ones, for a reset, and the
 * faulty rows of reports. Whoever has no account yet keeps the password, since a later run will need it. Idempotent: a file
 * is replaced as a whole, and what was removed stays so.
 */
export async function removeKeptPasswords(
	deps: SyncDeps,
	ref: SyncRef,
	{ sourceRunId, files }: { sourceRunId: string; files: HistoryRecord['files'] },
): Promise<void> {
	const profile = (await deps.profiles.get(ref.tenantId, ref.profileId))?.profile;
	if (!profile) return;
	const createsUsers = profile.identity.kind === 'creation';
	const runIds = new Set([sourceRunId, profile.verifiedRunId ?? sourceRunId]);
	for (const kind of userKinds) {
		const accounts = await readAllSnapshots(deps, ref.profileId, { files, kind });
		if (accounts.size === 0) continue;
		const hasAccount = (sisId: Uint8Array) => {
			const place = accounts.find(sisId);
			return place >= 0 && accounts.idAt(place) !== undefined;
		};
		const file = { kind, hasAccount, createsUsers };
		await removePasswords(deps.rosters, sourcePath({ ...ref, runId: sourceRunId }, kind), file);
		for (const runId of runIds)
			await removePasswords(deps.rosters, faultyRowsPath({ ...ref, runId }, kind), { ...file, isGuarded: true });
	}
}

/** Of files that nobody will make accounts from any more. */
export async function removeAllPasswords(deps: Pick<SyncDeps, 'rosters'>, source: RunRef): Promise<void> {
	for (const kind of userKinds) {
		const file = { kind, hasAccount: () => true, createsUsers: true };
		await removePasswords(deps.rosters, sourcePath(source, kind), file);
	}
}

/** One that is gone, or cannot be read to its end, stays as it is. */
async function removePasswords(rosters: RosterStore, path: string, file: Omit<KeptFile, 'emit'>): Promise<void> {
	const stored = await rosters.read(path);
	if (!stored) return;
	const writer = rosters.write(path);
	const remover = new PasswordRemover({ ...file, emit: (bytes) => writer.append(bytes) });
	for await (const chunk of stored) {
		if (!remover.write(chunk)) break;
		await writer.drain();
	}
	if (remover.end()) await writer.close();
}
