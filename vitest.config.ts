import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['test/**/*.test.ts'],
		// The end-to-end tests run the package that is deployed.
		globalSetup: ['test/support/hosts/build-package.ts'],
		// Real servers are started in these tests; the limit only catches a hang, it is not a measurement.
		testTimeout: 240_000,
		hookTimeout: 240_000,
		// Tests wait for servers as often as they compute: two at once use two cores, where the default would be one.
		maxWorkers: 2,
		reporters: ['default', ['json', { outputFile: 'coverage/results.json' }]],
		coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary'] },
	},
});
