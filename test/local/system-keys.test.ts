import { expect, test } from 'vitest';
import { createSystemKeys, hasSystemKey } from '../../src/local/system-keys.ts';

const request = (query: string, headers: Record<string, string> = {}) =>
	new Request(`http://127.0.0.1/runtime/webhooks/blobs${query}`, { headers });

test('a key is accepted in the query and in the header, and nothing else is', () => {
	expect(hasSystemKey(request('?code=k%2F1'), 'k/1')).toBe(true);
	expect(hasSystemKey(request('', { 'x-functions-key': 'k/1' }), 'k/1')).toBe(true);
	for (const query of ['', '?code=', '?code=k', '?code=k/12', '?key=k/1']) {
		expect(hasSystemKey(request(query), 'k/1')).toBe(false);
	}
});

test('every host has keys of its own, one per extension', () => {
	const keys = [createSystemKeys(), createSystemKeys()].flatMap((created) => Object.values(created));
	expect(new Set(keys).size).toBe(4);
	for (const key of keys) expect(key.length).toBeGreaterThanOrEqual(43);
});
