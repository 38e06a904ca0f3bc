import { defineConfig } from 'rolldown';

// One file, so that a cold start reads one file; `@azure/functions-core` is supplied by the Functions worker.
export default defineConfig({
	input: 'src/main.ts',
	platform: 'node',
	external: ['@azure/functions-core'],
});
