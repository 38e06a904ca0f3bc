import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { kindOfFile, rosterKinds } from '../../src/domain/roster/format/kinds.ts';
import { createVerification } from '../../src/domain/roster/verification.ts';
import { verificationOptionsOf } from '../../src/domain/sync/verification-options.ts';
import { profile } from '../../test/support/rosters/profile-builder.ts';
import { printSample, sumOf } from './sample.ts';

/** One sample: all rules over the six files of a folder. */
const folder = process.argv[2] as string;
const startedAt = performance.now();
const options = verificationOptionsOf(profile(), { maxRowsPerFile: 10_000_000, hashSeed: 1 });
const verification = createVerification(options);
const names = new Map((await readdir(folder)).map((name) => [kindOfFile(name), name]));
for (const kind of rosterKinds) {
	verification.beginFile(kind);
	for await (const chunk of createReadStream(path.join(folder, names.get(kind) as string))) {
		if (!verification.write(chunk)) break;
	}
	verification.endFile();
}
const { rowCounts, failed } = verification.finish();
if (failed) throw new Error('Cannot measure: the generated roster was meant to be sound.');
printSample(startedAt, sumOf(rowCounts));
