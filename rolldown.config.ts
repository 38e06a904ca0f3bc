import { defineConfig } from 'rolldown';

// `@azure/functions-core` is supplied by the Functions worker.
export default defineConfig({
	input: 'src/main.ts',
	platform: 'node',
	external: ['@azure/functions-core'],
});
