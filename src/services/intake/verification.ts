import type { Profile } from '../../domain/profile.ts';
import { texts } from '../../domain/roster/findings/messages.ts';
import type { Finding, Verdict, VerificationMessage } from '../../domain/roster/findings/verdict.ts';
import { kindOfFile, type RosterKind, rosterFileName, rosterKinds } from '../../domain/roster/format/kinds.ts';
import { syncErrorId } from '../../domain/run-id.ts';
import { UploadUnreadableError } from '../../domain/uploads/upload-unreadable-error.ts';
import type { RunRef, UploadedFile } from '../../ports.ts';
import { sourcePath } from '../sync/files/roster-paths.ts';
import { entryTypeOf } from '../sync/record-errors.ts';
import type { SyncDeps } from '../sync/sync-deps.ts';
import { newVerification, verifyFile } from '../sync/verify-file.ts';
import type { UploadSet } from './upload-names.ts';

export type UploadVerdict = Verdict;

export interface VerificationScope {
	profile: Profile;
	set: UploadSet;
	/** Called between chunks; throws to give up. */
	renew: () => Promise<void>;
}

type VerifyDeps = Pick<SyncDeps, 'uploads' | 'hashSeed' | 'maxRowsPerFile'> & { maxFileBytes: number };

/**
 * Reads every upload once, as it streams in, but for those of which an error was `said` already. Throws `UploadChangedError`
 * if a file is written meanwhile.
 */
export async function verifyUploads(
	deps: VerifyDeps,
	{ profile, set, renew }: VerificationScope,
	said: readonly VerificationMessage[] = [],
): Promise<Verdict> {
	const verification = newVerification(deps, profile);
	const refusals = said.filter(({ type }) => type === 'Error');
	for (const name of set.unknown) verification.unknownFile(name);
	for (const kind of set.ambiguous) verification.duplicateFile(kind);
	for (const kind of rosterKinds) {
		const file = set.files.get(kind);
		if (refusals.some(({ fileName }) => fileName === rosterFileName(kind))) continue;
		const refusal = file && refusalOf(kind, file, deps.maxFileBytes);
		const reading = refusal ?? (file && (await openUpload(deps, profile.id, { kind, file })));
		if (reading && 'type' in reading) refusals.push(reading);
		else if (reading) await verifyFile(verification, kind, { chunks: reading.chunks, renew });
	}
	const notices = [...said.filter(({ type }) => type !== 'Error'), ...idleLicenses(profile)];
	const verdict = withNotices(verification.finish(), notices);
	if (refusals.length === 0) return verdict;
	const refused = new Set(refusals.map(({ fileName }) => fileName));
	const beside = (messages: readonly VerificationMessage[]) => [
		...refusals,
		...messages.filter(({ fileName }) => !refused.has(fileName)),
	];
	const { messages, fileMessages } = verdict;
	return {
		...verdict,
		messages: beside(messages),
		fileMessages: beside(fileMessages),
		failed: true,
		unreadable: true,
	};
}

function withNotices(verdict: Verdict, notices: readonly VerificationMessage[]): Verdict {
	const { messages, fileMessages } = verdict;
	return { ...verdict, messages: [...messages, ...notices], fileMessages: [...fileMessages, ...notices] };
}

/** What the profile asks for in vain, said once for each role. */
function idleLicenses({ identity, licensesToAssign }: Profile): readonly VerificationMessage[] {
	if (identity.kind === 'creation') return [];
	const idle = licensesToAssign.filter(({ skuIds }) => skuIds.length > 0);
	const kinds = new Set(idle.map(({ appliesTo }) => (appliesTo === 'student' ? 'student' : 'teacher')));
	return [...kinds].sort().map((kind) => ({
		type: 'Information' as const,
		fileName: rosterFileName(kind),
		description: texts.idleLicenses(),
	}));
}

interface AcceptedScope {
	profile: Profile;
	/** The run that took the files. */
	files: RunRef;
	renew: () => Promise<void>;
}

/** Reads files that an earlier run took, under the settings of today. A file that is gone is missing. */
export async function verifyAccepted(
	deps: Pick<SyncDeps, 'rosters' | 'hashSeed' | 'maxRowsPerFile'>,
	{ profile, files, renew }: AcceptedScope,
): Promise<Verdict> {
	const verification = newVerification(deps, profile);
	for (const kind of rosterKinds) {
		const chunks = await deps.rosters.read(sourcePath(files, kind));
		if (chunks) await verifyFile(verification, kind, { chunks, renew });
	}
	return withNotices(verification.finish(), idleLicenses(profile));
}

/** Checked before the first byte is read: a SAS can limit neither size nor type. */
function refusalOf(kind: RosterKind, file: UploadedFile, maxBytes: number): VerificationMessage | undefined {
	const refusal = (description: string): VerificationMessage => ({
		type: 'Error',
		fileName: rosterFileName(kind),
		description,
	});
	if (!file.isBlockBlob)
		return refusal('File is not a block blob. Upload it with the header "x-ms-blob-type: BlockBlob".');
	if (file.sizeBytes > maxBytes)
		return refusal(`File has ${file.sizeBytes} bytes which exceeds the limit of ${maxBytes}.`);
	return undefined;
}

/** What is wrong, if storage refuses: uploaders choose tier and encryption of their files. */
async function openUpload(
	{ uploads }: Pick<VerifyDeps, 'uploads'>,
	profileId: string,
	{ kind, file }: { kind: RosterKind; file: UploadedFile },
): Promise<{ chunks: AsyncIterable<Uint8Array> } | VerificationMessage> {
	try {
		return { chunks: await uploads.read(profileId, file) };
	} catch (error) {
		if (!(error instanceof UploadUnreadableError)) throw error;
		await uploads.remove(profileId, file);
		return { type: 'Error', fileName: rosterFileName(kind), description: error.message };
	}
}

/** Stored in slices of this many, so that a roster full of findings stays small in memory. */
const saveAtOnce = 1000;

const codeOf = (finding: Finding) =>
	finding.rule === 'duplicate'
		? 'DuplicateTargetEntries'
		: finding.rule === 'reference'
			? 'InvalidLookupReference'
			: 'None';

/** The stage of what is about whole files: after the kinds, before the sync. */
const fileStage = rosterKinds.length;

/**
 * What a called start answers about whole files, an automatic one has nobody to tell: it stands among the errors. Answers how
 * many these are.
 */
export async function saveFileMessages(
	deps: Pick<SyncDeps, 'errors' | 'clock'>,
	run: RunRef,
	messages: readonly VerificationMessage[],
): Promise<number> {
	const recordedDateTime = `${deps.clock.now().toISOString().slice(0, 19)}Z`;
	const told = messages.filter(({ type }) => type !== 'Information');
	await deps.errors.save(
		run.profileId,
		told.map(({ type, fileName, description }, index) => ({
			id: syncErrorId({ runId: run.runId, stage: fileStage, shard: 0, index }),
			entryType: entryTypeOf(kindOfFile(fileName) ?? 'file'),
			errorCode: 'None',
			errorMessage: `${type}: ${fileName}: ${description}`,
			joiningValue: '',
			reportableIdentifier: fileName,
			recordedDateTime,
		})),
	);
	return told.length;
}

/** Findings are errors of the profile, so that a client that only knows `/errors` sees which rows are meant. */
export async function saveFindings(
	deps: Pick<SyncDeps, 'errors' | 'clock'>,
	run: RunRef,
	findings: readonly Finding[],
): Promise<void> {
	for (const [stage, kind] of rosterKinds.entries()) {
		const ofKind = findings.filter((finding) => finding.kind === kind);
		for (let start = 0; start < ofKind.length; start += saveAtOnce)
			await saveSlice(deps, run, { stage, start, findings: ofKind.slice(start, start + saveAtOnce) });
	}
}

interface FindingSlice {
	stage: number;
	/** Place of the first one among those of its kind. */
	start: number;
	findings: readonly Finding[];
}

async function saveSlice(
	deps: Pick<SyncDeps, 'errors' | 'clock'>,
	run: RunRef,
	{ stage, start, findings }: FindingSlice,
): Promise<void> {
	const recordedDateTime = `${deps.clock.now().toISOString().slice(0, 19)}Z`;
	await deps.errors.save(
		run.profileId,
		findings.map((finding, at) => ({
			id: syncErrorId({ runId: run.runId, stage, shard: 0, index: start + at }),
			entryType: entryTypeOf(finding.kind),
			errorCode: codeOf(finding),
			errorMessage: messageOf(finding),
			joiningValue: finding.key ?? '',
			reportableIdentifier: finding.key ?? '',
			recordedDateTime,
		})),
	);
}

function messageOf({ fileName, line, column, value, reason, cure, severity }: Finding): string {
	const where = column ? `${fileName}, line ${line}, column ${column}` : `${fileName}, line ${line}`;
	const what = value === undefined ? reason : `value "${value}" ${reason}`;
	return `${severity}: ${where}: ${what}. ${cure}`;
}
