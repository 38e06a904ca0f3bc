import { describe, expect, test } from 'vitest';
import { type AddressSettings, publicAddress, publicUrlOf } from '../../../src/http/requests/public-address.ts';

const requested = (url: string) => new URL(url);

describe('the public address', () => {
	const cases: [string, AddressSettings, string, string][] = [
		['of a gateway is the setting', { publicUrl: 'https://gw.org' }, 'http://10.0.0.4/beta', 'https://gw.org'],
		[
			'of a gateway may have a path',
			{ publicUrl: 'https://gw.org/sds/', siteHost: 'app.azurewebsites.net' },
			'https://app.azurewebsites.net/beta',
			'https://gw.org/sds',
		],
		[
			'on Azure is the name of the site, over https',
			{ siteHost: 'app.azurewebsites.net' },
			'http://app.azurewebsites.net/beta',
			'https://app.azurewebsites.net',
		],
		[
			'on Azure is not what a foreign Host says',
			{ siteHost: 'app.azurewebsites.net' },
			'https://evil.example/beta',
			'https://app.azurewebsites.net',
		],
		[
			'on Azure is not what a Host of this machine says',
			{ siteHost: 'app.azurewebsites.net' },
			'http://localhost/beta',
			'https://app.azurewebsites.net',
		],
		[
			'locally is the loopback name that the client used',
			{ siteHost: '127.0.0.1:7071' },
			'http://localhost:7071/beta',
			'http://localhost:7071',
		],
		['locally may be of IPv6', { siteHost: 'localhost:7071' }, 'http://[::1]:7071/beta', 'http://[::1]:7071'],
		[
			'locally is not what a foreign Host says',
			{ siteHost: '127.0.0.1:7071' },
			'http://evil.example:7071/beta',
			'http://127.0.0.1:7071',
		],
		['that nobody else knows is that of the request', {}, 'https://sds.example.org/beta', 'https://sds.example.org'],
		[
			'of a site without a usable name is too',
			{ siteHost: ':' },
			'https://sds.example.org/',
			'https://sds.example.org',
		],
	];
	test.each(cases)('%s', (_, settings, url, address) => {
		expect(publicAddress(settings)(requested(url))).toBe(address);
	});
});

test('a URL keeps its path and query below the public address', () => {
	const url = requested('http://10.0.0.4:80/beta//x?$top=1&a=%20');
	expect(publicUrlOf(url, 'https://gw.org/sds').href).toBe('https://gw.org/sds/beta//x?$top=1&a=%20');
});
