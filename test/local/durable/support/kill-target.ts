/**
 * The process that kill.test.ts kills: runs an engine, starts the instances that do not exist yet, and goes on until all
 * of them are finished. Arguments: connection string, hub name, number of instances.
 */
import { connectHub } from '../../../../src/local/durable/durable-engine.ts';
import { createEngine } from '../../../../src/local/durable/engine/engine.ts';
import { systemClock } from '../../../../src/local/host-clock.ts';
import { startWorker } from '../../../../src/local/worker/worker.ts';

const [connectionString = '', hubName = '', count] = process.argv.slice(2);
const appFolder = new URL('../fixtures/app', import.meta.url).pathname;
const worker = await startWorker({ appFolder, entry: 'main.ts', log() {} });
const { store, create } = connectHub(connectionString, hubName);
await create();
let recovered = 0;
const log = (_level: string, message: string) => {
	if (message.startsWith('Recovered')) recovered += 1;
};
const engine = createEngine({ worker, store, clock: systemClock, maxConcurrentActivities: 20, log });
await engine.start();
process.stdout.write(`ready ${recovered}\n`);
for (let n = 0; n < Number(count); n += 1) {
	const instanceId = `everything-${n}`;
	if (!(await store.read(instanceId))) {
		await engine.startInstance({ name: 'everything', instanceId, input: JSON.stringify({ n }) });
	}
}
while ((await store.findUnfinished()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
await engine.stop();
process.stdout.write('done\n');
