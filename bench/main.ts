import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureColdLoad } from '../tools/cold-load.ts';
import { makePackage, writePackage } from '../tools/package.ts';
import { measureListing } from './listing.ts';
import { writeRoster } from './roster-generator.ts';
import { measureSync } from './sync.ts';
import { withFolder } from './temporary-folder.ts';
import { measureVerification } from './verification.ts';

const usage = `Usage: npm run bench -- [verification|sync|listing|load] [options]

  verification   all rules beside bare csv-parse and a bare scan, and memory while streaming
  sync           first, unchanged and 1 % changed, through the embedded host,
                 beside a bare client and the verification alone
  listing        pages of large lists beside pages of small ones
  load           the package in a fresh process
                 (default: all four)

  --students <n>   students of the roster (default: 100000)
  --seed <n>       of the roster (default: 7)
  --rounds <n>     rounds of a paired measurement (default: 5, of sync 3)
  --headroom <f>   widens the budgets of verification, sync and load for a busy machine (default: 1)
  --errors <n>     errors of the large list (default: 1000000)

Prints one JSON line, and tables on standard error; exit code 1 if a budget is missed.
`;

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		students: { type: 'string', default: '100000' },
		seed: { type: 'string', default: '7' },
		rounds: { type: 'string' },
		headroom: { type: 'string', default: '1' },
		errors: { type: 'string', default: '1000000' },
		help: { type: 'boolean', default: false },
	},
});

interface Measured {
	figures: object;
	missed: readonly string[];
}

const students = Number(values.students);
const rounds = (otherwise: number) => Number(values.rounds ?? otherwise);

const coldLoadBudgetMs = 250;

const benches: Readonly<Record<string, () => Promise<Measured>>> = {
	async verification() {
		const options = { students, rounds: rounds(5), headroom: Number(values.headroom) };
		const { missed, ...figures } = await withRoster((folder) => measureVerification(folder, options));
		return { figures: { students, ...figures }, missed };
	},
	async sync() {
		const options = { seed: Number(values.seed), rounds: rounds(3), headroom: Number(values.headroom) };
		const { missed, report, ...figures } = await measureSync({ students, ...options });
		process.stderr.write(report);
		return { figures: { students, ...figures }, missed };
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

const withRoster = <T>(work: (folder: string) => Promise<T>): Promise<T> =>
	withFolder('sds-roster-', async (folder) => {
		await writeRoster(folder, { students, seed: Number(values.seed) });
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
