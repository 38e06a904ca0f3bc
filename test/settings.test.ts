import { describe, expect, test } from 'vitest';
import { readSettings } from '../src/settings.ts';

const needed = {
	ROSTER_STORAGE: 'UseDevelopmentStorage=true',
	AUTH_AUDIENCE: 'client',
	AUTH_TENANTS: '11111111-1111-4111-8111-111111111111',
};

describe('the settings', () => {
	test('start syncs by themselves unless told not to', () => {
		expect(readSettings(needed).isAutoStartOn).toBe(true);
		expect(readSettings({ ...needed, AUTO_START: 'off' }).isAutoStartOn).toBe(false);
	});

	test('name every wrong one, and never what it says', () => {
		const wrong = { ...needed, AUTO_START: 'perhaps', QUIET_SECONDS: 'soon', SECRETS_KEY: 'my secret' };
		let message = '';
		try {
			readSettings(wrong);
		} catch (error) {
			message = String(error);
		}
		for (const name of ['AUTO_START', 'QUIET_SECONDS', 'SECRETS_KEY']) expect(message).toContain(name);
		for (const value of ['perhaps', 'my secret']) expect(message).not.toContain(value);
	});
});
