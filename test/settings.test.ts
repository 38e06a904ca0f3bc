import { describe, expect, test } from 'vitest';
import { readAddress, readSettings } from '../src/settings.ts';

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

describe('PUBLIC_URL', () => {
	test.each([
		'https://sds.fabrikam.org',
		'https://sds.fabrikam.org/',
		'https://gateway.fabrikam.org:8443/sds/v1',
		'http://localhost:8080/sds',
	])('may be %s', (url) => {
		expect(readSettings({ ...needed, PUBLIC_URL: url }).address).toEqual({ publicUrl: url, siteHost: undefined });
		expect(readAddress({ PUBLIC_URL: url }).publicUrl).toBe(url);
	});

	test.each([undefined, ''])('may be absent (%j)', (url) => {
		expect(readSettings({ ...needed, PUBLIC_URL: url }).address.publicUrl).toBeUndefined();
	});

	test.each([
		'sds.fabrikam.org',
		'http://sds.fabrikam.org',
		'https://me@sds.fabrikam.org',
		'https://sds.fabrikam.org/?a=1',
		'https://sds.fabrikam.org/#top',
		'ftp://localhost/',
	])('may not be %s, and the error names the setting and not its value', (url) => {
		const reading = () => readSettings({ ...needed, PUBLIC_URL: url });
		expect(reading).toThrow(/PUBLIC_URL: /);
		expect(reading).not.toThrow(url);
		expect(readAddress({ PUBLIC_URL: url })).toEqual({});
	});
});

test.each(['login.microsoftonline.com', 'http://login.microsoftonline.com', ''])(
	'AUTH_AUTHORITY may not be %j, and the error names the setting',
	(authority) => {
		expect(() => readSettings({ ...needed, AUTH_AUTHORITY: authority })).toThrow(
			/AUTH_AUTHORITY: must be an https URL/,
		);
	},
);
