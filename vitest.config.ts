import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		// Real servers are started in these tests; the limit only catches a hang, it is not a measurement.
		testTimeout: 240_000,
		hookTimeout: 240_000,
		coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary'] },
	},
});
