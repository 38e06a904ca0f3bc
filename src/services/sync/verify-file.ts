import type { Profile } from '../../domain/profile.ts';
import type { RosterKind } from '../../domain/roster/format/kinds.ts';
import { createVerification, type RowSink, type Verification } from '../../domain/roster/verification.ts';
import { verificationOptionsOf } from '../../domain/sync/verification-options.ts';
import type { SyncDeps } from './sync-deps.ts';

/** By the settings of a profile; sound rows go to the sink. */
export function newVerification(
	deps: Pick<SyncDeps, 'hashSeed' | 'maxRowsPerFile'>,
	profile: Profile,
	sink?: RowSink,
): Verification {
	const limits = { maxRowsPerFile: deps.maxRowsPerFile, hashSeed: deps.hashSeed() };
	return createVerification(verificationOptionsOf(profile, limits), sink);
}

interface FileReading {
	chunks: AsyncIterable<Uint8Array>;
	renew: () => Promise<void>;
}

export async function verifyFile(
	verification: Verification,
	kind: RosterKind,
	{ chunks, renew }: FileReading,
): Promise<void> {
	verification.beginFile(kind);
	for await (const chunk of chunks) {
		if (!verification.write(chunk)) break;
		await renew();
	}
	verification.endFile();
}
