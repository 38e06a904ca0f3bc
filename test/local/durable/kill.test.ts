import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../../src/local/azurite/azurite.ts';
import { connectHub } from '../../../src/local/durable/durable-engine.ts';

/** It outlives the processes that are killed. */
let azurite: Azurite;

beforeAll(async () => {
	azurite = await startAzurite({ preferUsualPorts: false, log() {} });
});
afterAll(() => azurite?.stop());

const instanceCount = 40;
const killCount = 12;
const hub = 'KillHub';
const target = fileURLToPath(new URL('./support/kill-target.ts', import.meta.url));

/** Numbers between 0 and 1, the same in every run (Park and Miller's generator). */
function createRandom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 48_271) % 0x7fff_ffff;
		return state / 0x7fff_ffff;
	};
}

/** Starts the process; with a delay, kills it so long after it is ready. Returns how many instances it took up. */
async function runTarget(killAfterMs?: number): Promise<{ recovered: number; signal: string | null }> {
	const args = ['--disable-warning=ExperimentalWarning', target, azurite.connectionString, hub, String(instanceCount)];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
	const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
	if (killAfterMs !== undefined) {
		await setTimeout(killAfterMs);
		child.kill('SIGKILL');
	}
	const [, signal] = await ended;
	return { recovered: Number(line.split(' ')[1]), signal };
}

test('orchestrations whose process is killed again and again all end, with the right results', async () => {
	const random = createRandom(20_261_124);
	let recovered = 0;
	let kills = 0;
	for (let round = 0; round < killCount; round += 1) {
		const run = await runTarget(20 + random() * 250);
		recovered += run.recovered;
		if (run.signal === 'SIGKILL') kills += 1;
	}
	await runTarget();

	const { store } = connectHub(azurite.connectionString, hub);
	const { records } = await store.list({ pageSize: 1000 });
	const wrong = records.filter(({ name, input, output, status }) => {
		const { n } = JSON.parse(input ?? '{}') as { n: number };
		const sum = 2 * (5 * n + 10) + 2 * n;
		if (name === 'everything') return output !== JSON.stringify({ sum, hasRetried: true, counted: 3 });
		return status !== 'Completed';
	});
	expect(await store.findUnfinished()).toEqual([]);
	expect(wrong).toEqual([]);
	expect(records.filter(({ name }) => name === 'everything')).toHaveLength(instanceCount);
	expect(records.filter(({ name }) => name === 'child')).toHaveLength(instanceCount);
	expect(records.filter(({ name }) => name === 'counter')).toHaveLength(instanceCount);
	// Otherwise the kills have met nothing, and this test has shown nothing.
	expect(kills).toBeGreaterThan(0);
	expect(recovered).toBeGreaterThan(0);
});
