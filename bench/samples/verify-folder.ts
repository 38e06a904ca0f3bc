import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { kindOfFile, rosterKinds } from '../../src/domain/roster/kinds.ts';
import { createVerification } from '../../src/domain/roster/verification.ts';
import { printSample, sumOf } from './sample.ts';

/** One sample: all rules over the six files of a folder. */
const folder = process.argv[2] as string;
const startedAt = performance.now();
const verification = createVerification({
	createsUsers: true,
	domains: { student: 'students.example.org', teacher: 'example.org' },
	matchingColumns: {},
	handleSpecialCharacterConstraint: false,
	optionalColumns: {},
	maxRowsPerFile: 10_000_000,
	hashSeed: 1,
	findingsKept: 1000,
});
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
