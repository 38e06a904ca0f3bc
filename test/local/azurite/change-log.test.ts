import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Change, ChangeLog } from '../../../src/local/azurite/change-log.ts';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'changes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'log.json');
const putting = (id: number, text = ''): Change => ['put', 'c', { $loki: id, text } as { $loki: number }];

async function changesIn(log = new ChangeLog(file())): Promise<Change[]> {
	const changes: Change[] = [];
	await log.read((change) => changes.push(change));
	return changes;
}

test('what was added is read in its order, whatever the texts', async () => {
	const log = new ChangeLog(file());
	const first: Change[] = [
		['collection', 'c', { maxId: 0, uniqueNames: [] }],
		putting(1, 'line\nend\u2028 "é\u{1f600}'),
	];
	const second: Change[] = [putting(2, 'x'.repeat(9_000_000)), ['remove', 'c', 1], ['drop', 'c']];
	await log.append(first);
	await log.append(second);
	expect(await changesIn()).toEqual([...first, ...second]);
});

test('a save that a crash has cut off is not read, wherever it was cut, and makes the next one no harm', async () => {
	const log = new ChangeLog(file());
	await log.append([putting(1)]);
	const whole = statSync(file()).size;
	await log.append([putting(2, 'é'), putting(3)]);
	const all = readFileSync(file());
	for (let length = whole; length < all.length; length++) {
		truncateSync(file(), whole);
		appendFileSync(file(), all.subarray(whole, length));
		const torn = new ChangeLog(file());
		expect(await changesIn(torn)).toEqual([putting(1)]);
		await torn.append([putting(4)]);
		expect(await changesIn()).toEqual([putting(1), putting(4)]);
	}
});

test('a rewritten file has nothing else, and goes on', async () => {
	const log = new ChangeLog(file());
	await log.append([putting(1, 'Secret-2026!')]);
	log.rewrite([putting(2)]);
	await log.append([putting(3)]);
	expect(await changesIn()).toEqual([putting(2), putting(3)]);
	expect(readFileSync(file(), 'utf8')).not.toContain('Secret-2026!');
});

test('a rewriting that fails leaves the file as it was, and itself nothing', async () => {
	const log = new ChangeLog(file());
	await log.append([putting(1)]);
	mkdirSync(`${file()}~`);
	expect(() => log.rewrite([putting(2)])).toThrow('EISDIR');
	expect(statSync(`${file()}~`, { throwIfNoEntry: false })).toBeUndefined();
	await log.append([putting(3)]);
	expect(await changesIn()).toEqual([putting(1), putting(3)]);
});

test('a save that fails half way counts for nothing when the next one succeeds', async () => {
	const log = new ChangeLog(file());
	await log.append([putting(1)]);
	const good = readFileSync(file());
	// The disk took a part of the second save only.
	rmSync(file());
	mkdirSync(file());
	await expect(log.append([putting(2)])).rejects.toThrow('EISDIR');
	rmSync(file(), { recursive: true });
	appendFileSync(file(), Buffer.concat([good, Buffer.from('["put","c",{"$lo')]));
	await log.append([putting(3)]);
	expect(await changesIn()).toEqual([putting(1), putting(3)]);
});
