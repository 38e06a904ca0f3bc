import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse';
import { printSample } from './sample.ts';

/** One sample: a bare csv-parse pass over the same files, without a single rule. */
const folder = process.argv[2] as string;
const startedAt = performance.now();
let rows = 0;
for (const name of await readdir(folder)) {
	if (!name.endsWith('.csv')) continue;
	const parser = parse({ bom: true, record_delimiter: ['\r\n', '\n'], max_record_size: 65_536 });
	createReadStream(path.join(folder, name)).pipe(parser);
	let records = 0;
	parser.on('data', () => {
		records++;
	});
	await new Promise((resolve, reject) => parser.on('end', resolve).on('error', reject));
	rows += records - 1;
}
printSample(startedAt, rows);
