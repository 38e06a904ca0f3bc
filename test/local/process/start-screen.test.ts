import { expect, test } from 'vitest';
import type { Host } from '../../../src/local/host.ts';
import { readyLine, startScreen } from '../../../src/local/process/start-screen.ts';

function hostWith(losses: readonly string[]): Host {
	const nowhere = 'http://127.0.0.1:1';
	return {
		url: nowhere,
		authority: `${nowhere}/issuer`,
		tenantId: 'tenant',
		audience: 'audience',
		storage: { connectionString: '', blobUrl: nowhere, queueUrl: nowhere, tableUrl: nowhere, pid: 1, losses },
		systemKeys: { durabletask_extension: '', blobs_extension: '' },
		storageLost: Promise.resolve(''),
		stop: async () => {},
	};
}

test('what may be lost stands on the start screen, with how to make certain, and in the line for programs', () => {
	const host = hostWith(['The emulator was killed.', 'A file is gone.']);
	const screen = startScreen(host, 'here');
	expect(screen).toContain('  The emulator was killed.\n  A file is gone.\n');
	expect(screen).toContain('reset each profile (POST …/{id}/reset)');
	expect(JSON.parse(readyLine(host))).toMatchObject({ losses: ['The emulator was killed.', 'A file is gone.'] });
});

test('nothing is said of it otherwise', () => {
	expect(startScreen(hostWith([]), 'here')).not.toMatch(/lost|reset/);
});
