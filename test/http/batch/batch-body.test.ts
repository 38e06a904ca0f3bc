import { describe, expect, test } from 'vitest';
import { readBatch } from '../../../src/http/batch/batch-body.ts';
import { refusal } from '../../support/requests/refusal.ts';

const get = (id: string, changes: Record<string, unknown> = {}) => ({ id, method: 'GET', url: '/x', ...changes });
const idsOf = (...requests: unknown[]) => readBatch({ requests }).map(({ id }) => id);

describe('a batch', () => {
	test('has its requests as they were sent', () => {
		const body = { displayName: 'x' };
		const requests = [
			{ id: '1', method: 'post', url: '/education/synchronizationProfiles', headers: { 'X-A': 'b' }, body },
			{ id: 2, method: 'GET', url: 'education/synchronizationProfiles?$top=1', dependsOn: null, headers: null },
		];
		expect(readBatch({ requests })).toEqual([
			{
				id: '1',
				method: 'POST',
				url: '/education/synchronizationProfiles',
				headers: { 'X-A': 'b' },
				body,
				dependsOn: [],
			},
			{ id: '2', method: 'GET', url: 'education/synchronizationProfiles?$top=1', headers: {}, dependsOn: [] },
		]);
	});

	test('puts each behind those that it depends on, wherever they stand', () => {
		expect(idsOf(get('1', { dependsOn: ['3'] }), get('2'), get('3', { dependsOn: ['4', '2'] }), get('4'))).toEqual([
			'2',
			'4',
			'3',
			'1',
		]);
		expect(idsOf(get('a'), get('b'), get('c'))).toEqual(['a', 'b', 'c']);
	});

	test('may have 20 requests', () => {
		expect(idsOf(...Array.from({ length: 20 }, (_, at) => get(String(at))))).toHaveLength(20);
	});

	const refused: [string, unknown, string, RegExp][] = [
		['no list', undefined, 'requests', /must be a list/],
		['an empty list', [], 'requests', /must not be empty/],
		['21 requests', Array.from({ length: 21 }, (_, at) => get(String(at))), 'requests', /at most 20/],
		['a request that is none', [7], 'requests/0', /must be an object/],
		['no id', [get('1'), { method: 'GET', url: '/x' }], 'requests/1/id', /must be a text/],
		['an empty id', [get('')], 'requests/0/id', /must not be empty/],
		['one id twice', [get('1'), get('2'), get('1')], 'requests/2/id', /id of another request/],
		['one id twice, once as a number', [get('1'), { ...get('1'), id: 1 }], 'requests/1/id', /id of another/],
		['a method that is none', [get('1', { method: 'OPTIONS' })], 'requests/0/method', /one of GET, POST/],
		['no URL', [get('1', { url: undefined })], 'requests/0/url', /must be a text/],
		...[
			'https://evil.example/x',
			'//evil.example/x',
			'javascript:x',
			'/',
			'',
			'?x',
			'/\\evil',
			'/a b',
			'/x\ny',
			`/${'x'.repeat(8_000)}`,
		].map((url): [string, unknown, string, RegExp] => [
			`the URL ${JSON.stringify(url.slice(0, 30))}`,
			[get('1', { url })],
			'requests/0/url',
			/relative URL|characters/,
		]),
		['a body that is a list', [get('1', { method: 'POST', body: [] })], 'requests/0/body', /must be a JSON object/],
		['a body that is a text', [get('1', { method: 'POST', body: '{}' })], 'requests/0/body', /must be a JSON object/],
		['headers that are a list', [get('1', { headers: ['a'] })], 'requests/0/headers', /must be an object/],
		['a header that is a number', [get('1', { headers: { a: 1 } })], 'requests/0/headers/a', /must be a text/],
		['a header with a line break', [get('1', { headers: { a: 'b\r\nc: d' } })], 'requests/0/headers', /can have/],
		['a header without a name', [get('1', { headers: { '': 'b' } })], 'requests/0/headers', /can have/],
		['a dependency on itself', [get('1', { dependsOn: ['1'] })], 'requests/0/dependsOn', /circle/],
		[
			'a circle',
			[get('0'), get('1', { dependsOn: ['2'] }), get('2', { dependsOn: ['1'] })],
			'requests/1/dependsOn',
			/circle/,
		],
		['a dependency on nothing', [get('1', { dependsOn: ['9'] })], 'requests/0/dependsOn', /of this batch/],
		['a dependency that is no list', [get('1', { dependsOn: '9' })], 'requests/0/dependsOn', /list of ids/],
		['an atomicity group', [get('1', { atomicityGroup: 'g' })], 'requests/0/atomicityGroup', /not supported/],
	];
	test.each(refused)('with %s is refused, and says where', (_, requests, target, message) => {
		const error = refusal(() => readBatch({ requests }));
		expect([error.code, error.extras.details]).toEqual([
			'BadRequest',
			[{ code: 'InvalidValue', target, message: error.message }],
		]);
		expect(error.message).toMatch(message);
	});
});
