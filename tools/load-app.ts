import { startWorker } from '../src/local/worker/worker.ts';

// Loads the app of a folder as the host does, prints how many milliseconds that took, and ends.
const [appFolder = '.'] = process.argv.slice(2);
const begin = performance.now();
await startWorker({ appFolder, log: () => {} });
process.stdout.write(String(performance.now() - begin));
process.exit(0);
