import {
	areCorrections,
	CorrectedFile,
	type Corrections,
	CorrectionsError,
	CorrectionsReader,
} from '../../domain/roster/findings/corrections.ts';
import { texts } from '../../domain/roster/findings/messages.ts';
import type { VerificationMessage } from '../../domain/roster/findings/verdict.ts';
import { type RosterKind, rosterFileName } from '../../domain/roster/format/kinds.ts';
import { GrowingBytes } from '../../domain/sync/history/growing-bytes.ts';
import { UploadUnreadableError } from '../../domain/uploads/upload-unreadable-error.ts';
import type { UploadedFile } from '../../ports.ts';
import { sourcePath } from '../sync/files/roster-paths.ts';
import type { SyncDeps } from '../sync/sync-deps.ts';
import type { UploadSet } from './upload-names.ts';
import type { VerificationScope } from './verification.ts';

export interface CorrectedUploads {
	set: UploadSet;
	/** What was done, and for which kinds it could not be done. */
	messages: readonly VerificationMessage[];
}

type CorrectionDeps = Pick<SyncDeps, 'uploads' | 'rosters'>;

/** They are held in memory, and are few: a report keeps a thousand findings of a kind. */
const maxCorrectionBytes = 16 * 1024 * 1024;
/** Enough for the first column of a header. */
const peekBytes = 64;

/**
 * Puts the faulty rows of a report, which came back corrected in place of their file, into that file as it was verified, and
 * the whole file where they were. So a district uploads the three rows that it corrected instead of a million. Throws
 * `UploadChangedError` if a file is written meanwhile.
 */
export async function applyCorrections(deps: CorrectionDeps, scope: VerificationScope): Promise<CorrectedUploads> {
	const files = new Map(scope.set.files);
	const messages: VerificationMessage[] = [];
	for (const [kind, file] of files) {
		if (!file.isBlockBlob || !(await beginsAsCorrections(deps, scope, file))) continue;
		const say = (type: VerificationMessage['type'], description: string) =>
			messages.push({ type, fileName: rosterFileName(kind), description });
		try {
			const corrections = await readCorrections(deps, scope, file);
			files.set(kind, await putIntoFile(deps, scope, { kind, file, corrections }));
			const emptied = [...corrections.rows.values()].filter(({ values }) => values.length === 0).length;
			const kept = corrections.rows.size - emptied;
			if (kept > 0) say('Information', texts.corrected(kept));
			if (emptied > 0) say('Warning', texts.emptied(emptied));
		} catch (error) {
			if (!(error instanceof CorrectionsError)) throw error;
			say('Error', texts.unusableCorrections(error.message));
		}
	}
	return { set: { ...scope.set, files }, messages };
}

async function beginsAsCorrections(deps: CorrectionDeps, { profile }: VerificationScope, file: UploadedFile) {
	const parts: Uint8Array[] = [];
	try {
		const stream = await deps.uploads.read(profile.id, file, { firstBytes: peekBytes });
		for await (const chunk of stream) parts.push(Uint8Array.from(chunk));
	} catch (error) {
		// Verification says what is wrong with it.
		if (error instanceof UploadUnreadableError) return false;
		throw error;
	}
	return areCorrections(Buffer.concat(parts));
}

async function readCorrections(
	deps: CorrectionDeps,
	{ profile, renew }: VerificationScope,
	file: UploadedFile,
): Promise<Corrections> {
	if (file.sizeBytes > maxCorrectionBytes)
		throw new CorrectionsError(`they have more than ${maxCorrectionBytes} bytes. Upload the whole file`);
	const reader = new CorrectionsReader();
	for await (const chunk of await deps.uploads.read(profile.id, file)) {
		reader.write(chunk);
		await renew();
	}
	const corrections = reader.end();
	if (corrections.runId !== profile.verifiedRunId)
		throw new CorrectionsError('they are not from the latest report of this profile');
	return corrections;
}

interface Putting {
	kind: RosterKind;
	file: UploadedFile;
	corrections: Corrections;
}

async function putIntoFile(
	deps: CorrectionDeps,
	{ profile, renew }: VerificationScope,
	{ kind, file, corrections }: Putting,
): Promise<UploadedFile> {
	const { tenantId, id: profileId } = profile;
	const source = await deps.rosters.read(sourcePath({ tenantId, profileId, runId: corrections.runId }, kind));
	if (!source) throw new CorrectionsError('their file is no longer kept. Upload the whole file');
	return deps.uploads.replace(profileId, file, corrected(source, corrections, renew));
}

async function* corrected(
	source: AsyncIterable<Uint8Array>,
	corrections: Corrections,
	renew: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
	const waiting = new GrowingBytes();
	const file = new CorrectedFile(corrections, (bytes) => waiting.append(bytes));
	for await (const chunk of source) {
		file.write(chunk);
		yield waiting.bytes;
		waiting.clear();
		await renew();
	}
	file.end();
	yield waiting.bytes;
}
