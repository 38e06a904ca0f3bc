import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { CsvScanner } from '../../src/domain/roster/csv/csv-scanner.ts';
import { printSample } from './sample.ts';

/** One sample: our own scanner over the same files, without a single rule. */
const folder = process.argv[2] as string;
const startedAt = performance.now();
let rows = 0;
for (const name of await readdir(folder)) {
	if (!name.endsWith('.csv')) continue;
	let records = 0;
	const scanner = new CsvScanner(() => {
		records++;
	});
	for await (const chunk of createReadStream(path.join(folder, name))) scanner.write(chunk);
	scanner.end();
	rows += records - 1;
}
printSample(startedAt, rows);
