import { expect, test } from 'vitest';
import { formatCookie } from '../../../src/local/http/set-cookie.ts';

test('a plain cookie has nothing but name and encoded value', () => {
	expect(formatCookie({ name: 'a', value: 'b c;d', sameSite: 'none' })).toBe('a=b%20c%3Bd');
});

test('fields are written whether they come plain or wrapped', () => {
	const expires = new Date('2026-03-01T10:00:00Z');
	const written = 'a=b; Domain=x.org; Path=/p; Expires=Sun, 01 Mar 2026 10:00:00 GMT; Max-Age=0; Secure; HttpOnly';
	const plain = { domain: 'x.org', path: '/p', expires, maxAge: 0, secure: true, httpOnly: true };
	const wrapped = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, { value }]));
	expect(formatCookie({ name: 'a', value: 'b', ...plain })).toBe(written);
	expect(formatCookie({ name: 'a', value: 'b', ...wrapped })).toBe(written);
});

test('only explicitNone asks for SameSite=None', () => {
	expect(formatCookie({ name: 'a', value: 'b', sameSite: 'explicitNone' })).toBe('a=b; SameSite=None');
	expect(formatCookie({ name: 'a', value: 'b', sameSite: 'lax' })).toBe('a=b; SameSite=Lax');
});
