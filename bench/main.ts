import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureFullSync } from './full-sync.ts';
import { measureListing } from './listing.ts';
import { comparePaired } from './paired.ts';
import { writeRoster } from './roster-generator.ts';

const usage = `Usage: npm run bench -- [--students 20000] [--seed 7] [--rounds 5] [--errors 1000000]

Verification beside a bare csv-parse pass over the same files, two full syncs through the embedded host, and pages of large
lists beside pages of small ones.
Prints one JSON line; exit code 1 if a budget is missed.
`;

/** The budget of a full sync of 20,000 students and 140,000 enrollments on the embedded host. */
const fullSyncBudget = { students: 20_000, ms: 60_000 };

const { values } = parseArgs({
	options: {
		students: { type: 'string', default: String(fullSyncBudget.students) },
		seed: { type: 'string', default: '7' },
		rounds: { type: 'string', default: '5' },
		errors: { type: 'string', default: '1000000' },
		help: { type: 'boolean', default: false },
	},
});

if (values.help) process.stdout.write(usage);
else process.exitCode = await bench();

async function bench(): Promise<number> {
	const [students, seed, rounds, errors] = [values.students, values.seed, values.rounds, values.errors].map(Number) as [
		number,
		number,
		number,
		number,
	];
	const folder = await mkdtemp(path.join(tmpdir(), 'sds-roster-'));
	try {
		await writeRoster(folder, { students, seed });
		const script = (name: string) => path.join(import.meta.dirname, name);
		const verification = await comparePaired(
			{ name: 'verification, all rules', args: [script('verify-folder.ts'), folder] },
			{ name: 'bare csv-parse', args: [script('csv-parse-folder.ts'), folder] },
			rounds,
		);
		const fullSync = await measureFullSync(folder);
		const listing = await measureListing(errors);
		const isFullSyncInTime = students > fullSyncBudget.students || fullSync.firstMs <= fullSyncBudget.ms;
		const isWithinBudget = isFullSyncInTime && listing.isWithinBudget;
		const rowsPerSecond = Math.round((verification.rows / verification.subjectMs) * 1000);
		const report = {
			node: process.version,
			students,
			verification: { rowsPerSecond, ...verification },
			fullSync,
			listing,
			isWithinBudget,
		};
		process.stdout.write(`${JSON.stringify(report)}\n`);
		return isWithinBudget && fullSync.secondWrites === 0 ? 0 : 1;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
