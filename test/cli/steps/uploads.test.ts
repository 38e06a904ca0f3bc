import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRosterFiles } from '../../../src/cli/roster-folder.ts';
import { uploadFiles } from '../../../src/cli/steps/uploads.ts';
import { CommandBench } from '../command-bench.ts';

let bench: CommandBench;

beforeEach(async () => {
	bench = new CommandBench();
	await bench.open();
});
afterEach(() => bench.close());

const containerUrl = () => `${bench.service.url}/storage/container?sig=secret-signature`;

async function upload(options: Partial<Parameters<typeof uploadFiles>[1]> = {}) {
	const seen: number[] = [];
	await uploadFiles(await findRosterFiles(bench.folder), {
		getContainerUrl: async () => containerUrl(),
		clock: bench.clock,
		signal: bench.interruption.signal,
		onProgress: (bytes) => seen.push(bytes),
		...options,
	});
	return seen;
}

test('a large file goes up in blocks and arrives as it was', async () => {
	const content = Buffer.alloc(20 * 1024 * 1024 + 17);
	// A pattern that repeats at no block boundary.
	for (let i = 0; i < content.length; i += 4)
		content.writeUInt32LE((i * 2_654_435_761) >>> 0, Math.min(i, content.length - 4));
	await bench.writeFile('Student.csv', content);
	const seen = await upload();
	expect(bench.service.uploads.get('Student.csv')?.equals(content)).toBe(true);
	expect(bench.service.requests.filter((line) => line.endsWith('/Student.csv'))).toHaveLength(4);
	expect(seen).toEqual([...seen].sort((a, b) => a - b));
	expect(seen.at(-1)).toBe((await findRosterFiles(bench.folder)).reduce((sum, file) => sum + file.sizeBytes, 0));
});

test('an upload URL that has aged is asked for again between files', async () => {
	let urls = 0;
	await upload({
		getContainerUrl: async () => {
			urls += 1;
			return containerUrl();
		},
		onProgress: () => void bench.clock.sleep(16 * 60_000, bench.interruption.signal),
	});
	expect(urls).toBeGreaterThan(1);
});

test('a refused upload is explained without showing the signature', async () => {
	const failure = await upload({ getContainerUrl: async () => `${containerUrl()}x` }).catch(
		(error: Error) => error.message,
	);
	expect(failure).toMatch(/^Cannot upload "School\.csv": the storage refused the upload URL\./);
	expect(failure).not.toContain('secret-signature');
});

test('a storage that is busy for a moment is tried again', async () => {
	bench.service.script.faults.push({ match: 'PUT /storage', status: 503 });
	await upload();
	expect(bench.service.uploads.size).toBe(6);
});
