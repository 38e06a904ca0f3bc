import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureColdLoad } from '../tools/cold-load.ts';
import { makePackage, writePackage } from '../tools/package.ts';
import { measureFullSync } from './full-sync.ts';
import { measureListing } from './listing.ts';
import { writeRoster } from './roster-generator.ts';
import { measureVerification } from './verification.ts';

const usage = `Usage: npm run bench -- [verification|sync|listing|load] [options]

  verification   all rules beside bare csv-parse and a bare scan, and memory while streaming
  sync           two full syncs through the embedded host
  listing        pages of large lists beside pages of small ones
  load           the package in a fresh process
                 (default: all four)

  --students <n>   students of the roster (default: 100000 for verification, 20000 for sync)
  --seed <n>       of the roster (default: 7)
  --rounds <n>     rounds of a paired measurement (default: 5)
  --headroom <f>   widens the budgets of verification and load for a busy machine (default: 1)
  --errors <n>     errors of the large list (default: 1000000)

Prints one JSON line; exit code 1 if a budget is missed.
`;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		students: { type: 'string' },
		seed: { type: 'string', default: '7' },
		rounds: { type: 'string', default: '5' },
		headroom: { type: 'string', default: '1' },
		errors: { type: 'string', default: '1000000' },
		help: { type: 'boolean', default: false },
	},
});

interface Measured {
	figures: object;
	missed: readonly string[];
}

const students = (otherwise: number) => Number(values.students ?? otherwise);

/** The budget of a full sync of 20,000 students and 140,000 enrollments on the embedded host. */
const fullSyncBudget = { students: 20_000, ms: 60_000 };

const coldLoadBudgetMs = 250;

const benches: Readonly<Record<string, () => Promise<Measured>>> = {
	async verification() {
		const count = students(100_000);
		const options = { students: count, rounds: Number(values.rounds), headroom: Number(values.headroom) };
		const { missed, ...figures } = await withRoster(count, (folder) => measureVerification(folder, options));
		return { figures: { students: count, ...figures }, missed };
	},
	async sync() {
		const count = students(fullSyncBudget.students);
		const figures = await withRoster(count, measureFullSync);
		const isLate = count <= fullSyncBudget.students && figures.firstMs > fullSyncBudget.ms;
		const missed = [
			...(isLate ? [`full sync took longer than ${fullSyncBudget.ms} ms`] : []),
			...(figures.secondWrites > 0 ? ['the second run wrote to the directory'] : []),
		];
		return { figures: { students: count, ...figures }, missed };
	},
	async listing() {
		const { isWithinBudget, ...figures } = await measureListing(Number(values.errors));
		return { figures, missed: isWithinBudget ? [] : ['a page of a large list took too long'] };
	},
	async load() {
		return withFolder('sds-package-', async (folder) => {
			await writePackage(await makePackage(), folder);
			const coldLoadMs = Math.round(measureColdLoad(folder));
			const isLate = coldLoadMs > coldLoadBudgetMs * Number(values.headroom);
			return { figures: { coldLoadMs }, missed: isLate ? [`a cold load takes more than ${coldLoadBudgetMs} ms`] : [] };
		});
	},
};

async function withFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(path.join(tmpdir(), prefix));
	try {
		return await work(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

const withRoster = <T>(count: number, work: (folder: string) => Promise<T>): Promise<T> =>
	withFolder('sds-roster-', async (folder) => {
		await writeRoster(folder, { students: count, seed: Number(values.seed) });
		return work(folder);
	});

async function main(): Promise<number> {
	const names = positionals.length > 0 ? positionals : Object.keys(benches);
	const unknown = names.find((name) => !Object.hasOwn(benches, name));
	if (values.help || unknown !== undefined) {
		process.stdout.write(usage);
		return unknown === undefined ? 0 : 2;
	}
	const report: Record<string, unknown> = { node: process.version, cpu: cpus()[0]?.model };
	const missed: string[] = [];
	for (const name of names) {
		const measured = await (benches[name] as () => Promise<Measured>)();
		report[name] = measured.figures;
		missed.push(...measured.missed.map((text) => `${name}: ${text}`));
	}
	process.stdout.write(`${JSON.stringify({ ...report, missed })}\n`);
	return missed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
