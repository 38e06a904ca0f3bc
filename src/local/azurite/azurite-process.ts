/**
 * The child process in which Azurite runs; started by azurite.ts, with Azurite's own arguments.
 *
 * Azurite (3.37) keeps tables, queues and the list of blobs in memory (LokiJS) and saves each of its five databases every 5
 * seconds when it has changed. Four are saved as a whole: into "<name>~", then a rename, so a file is never half-written. To
 * that of the tables what has changed is added (table-saves.ts). Blob contents go to files at once. A SIGKILL of Azurite
 * therefore loses up to 5 seconds of acknowledged writes, and not the same 5 seconds in tables and blobs. A shutdown (message
 * "shutdown", SIGTERM, SIGINT) saves everything. Hence:
 * - nobody here ever kills Azurite; it is asked to shut down, and waited for;
 * - when the host dies, by SIGKILL too, the IPC channel closes, and Azurite shuts down by itself and saves;
 * - the next host's Azurite waits until the previous one has ended before it opens the files;
 * - whatever cannot be saved is told to the host at once, tried again, and told at the end.
 * What remains is what Azurite itself cannot promise: the death of this very process, or of the machine. The folder says that
 * it is in use until everything is saved, so the next start knows, and says, that something may be lost.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { LockHeldError, takeProcessLock, waitForHolderToEnd } from '../process/process-lock.ts';
import { closeFolder, openFolder } from './clean-stop.ts';
import { compactBlobs } from './compaction.ts';
import { type AzuriteMessage, notSavedExitCode } from './messages.ts';
import { createPrivateFilesOnly, makePrivate } from './private-files.ts';
import { reasonOf, watchSaves } from './save-watch.ts';
import { orderTables } from './table-order.ts';
import { saveTableChanges } from './table-saves.ts';

/** Saving some hundred megabytes takes a slow disk that long; afterwards something is wrong. */
const predecessorTimeoutMs = 120_000;

/** Azurite listens to messages only once it has started. */
const shutdownRetryMs = 100;

const lockFile = process.env.AZURITE_LOCK_FILE;
// Azurite reports its shutdown on pipes that a dead host has closed; unheard, that error would end it before it saves.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
process.once('disconnect', shutDown);
// Azurite obeys these too; the channel must not keep the process alive then, or the host would not notice.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.channel?.unref());
createPrivateFilesOnly();
const main = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
const azurite = createRequire(main);
if (lockFile) {
	await lockAfterPredecessor(lockFile);
	keepFolder(dirname(lockFile));
}
orderTables(azurite);
azurite(main);

/** From before Azurite opens the files until after it has saved them. */
function keepFolder(folder: string): void {
	makePrivate(folder);
	const { lostBlobs } = compactBlobs(folder);
	const alsoLost = lostBlobs === 0 ? [] : [`The contents of ${lostBlobs} stored files are gone.`];
	tell({ kind: 'opened', ...openFolder(folder, { now: new Date(), alsoLost }) });
	let failure: string | undefined;
	const cannotSave = (reason: string) => {
		failure ??= reason;
		tell({ kind: 'cannotSave', reason });
	};
	watchSaves(azurite, cannotSave);
	const tables = saveTableChanges(azurite, (error) => cannotSave(reasonOf(error)));
	// Nothing is left to do: everything is saved, if it could be.
	process.once('beforeExit', () => {
		if (failure === undefined) {
			compactBlobs(folder);
			tables.compact();
			closeFolder(folder);
		} else {
			process.exitCode = notSavedExitCode;
			process.stderr.write(`${failure}\n`);
		}
	});
}

/** A host that is gone needs to be told nothing. */
function tell(message: AzuriteMessage): void {
	if (process.connected) process.send?.(message, () => {});
}

function shutDown(): void {
	if (!process.emit('message', 'shutdown', undefined)) setTimeout(shutDown, shutdownRetryMs);
}

async function lockAfterPredecessor(file: string): Promise<void> {
	for (;;) {
		try {
			await takeProcessLock(file);
			return;
		} catch (error) {
			if (!(error instanceof LockHeldError)) throw error;
			await waitForHolderToEnd(file, predecessorTimeoutMs);
		}
	}
}
