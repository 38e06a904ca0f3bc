import { storageAccount } from '../../src/adapters/storage-account.ts';
import { uploadSigner } from '../../src/adapters/stores/upload-signer.ts';
import { blobUploadStore } from '../../src/adapters/stores/upload-store.ts';
import { maxUploadsListed, sortUploads } from '../../src/services/intake/upload-names.ts';
import { verifyUploads } from '../../src/services/intake/verification.ts';
import { profile } from '../../test/support/rosters/profile-builder.ts';
import { printSample, sumOf } from './sample.ts';

/** One sample: what `start` does before it answers, streaming the uploads of a profile from the storage emulator. */
const [connectionString, profileId] = process.argv.slice(2) as [string, string];
const startedAt = performance.now();
const account = storageAccount({ kind: 'connectionString', connectionString });
const uploads = blobUploadStore(account, uploadSigner(account, { permissions: 'cw', now: () => new Date() }));
const { rowCounts, failed } = await verifyUploads(
	{ uploads, hashSeed: () => 1, maxRowsPerFile: 10_000_000, maxFileBytes: 2 ** 32 },
	{
		profile: profile({ id: profileId }),
		set: sortUploads(await uploads.list(profileId, maxUploadsListed)),
		renew: async () => {},
	},
);
if (failed) throw new Error('Cannot measure: the generated roster was meant to be sound.');
printSample(startedAt, sumOf(rowCounts));
