import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncApiError } from '../../../src/domain/errors.ts';
import { operations } from '../../../src/http/operations.ts';
import { findOperation } from '../../../src/http/requests/addressing.ts';
import { refusal } from '../../support/requests/refusal.ts';

const id = '018f0000-0000-7000-8000-000000000001';
const root = '/beta/education/synchronizationProfiles';
const found = (method: string, path: string) => {
	const { operation, params } = findOperation(method, path);
	return [operation.name, params];
};

describe('an operation', () => {
	test('is found at its own route, whatever the case', () => {
		for (const { name, method, route } of Object.values(operations)) {
			const path = `/${route.replaceAll(/\{\w+\}/g, id)}`;
			for (const each of [path, path.toUpperCase(), `${path}/`]) {
				expect(findOperation(method, each).operation.name, `${method} ${each}`).toBe(name);
			}
		}
	});

	test('has a method and a route that no other one has', () => {
		const keys = Object.values(operations).map(
			({ method, route }) => `${method} ${route.replaceAll(/\{\w+\}/g, '{}')}`,
		);
		expect(new Set(keys).size).toBe(keys.length);
	});

	test.each([
		['GET', `${root}('${id}')`, 'getProfile'],
		['GET', `${root}(%27${id}%27)`, 'getProfile'],
		['POST', `${root}/${id}/microsoft.graph.start`, 'startProfile'],
		['POST', `${root}/${id}/Microsoft.Graph.Start()`, 'startProfile'],
		['POST', `${root}/${id}/verifyFiles`, 'startProfile'],
		['GET', `${root}/${id}/uploadUrl()`, 'getUploadUrl'],
		['GET', `${root}/${id}/UploadUrl`, 'getUploadUrl'],
		['GET', `${root}('${id}')/microsoft.graph.uploadUrl()`, 'getUploadUrl'],
		['GET', `${root}/${id}/Status`, 'getProfileStatus'],
		['GET', `${root}/${id}/error`, 'listErrors'],
		['GET', `${root}/${id}/error/$count`, 'countErrors'],
		['GET', `${root}('${id}')/errors/%24count`, 'countErrors'],
		['POST', `${root}('${id}')/microsoft.graph.pause`, 'pauseProfile'],
		['POST', `${root}/${id}/Resume`, 'resumeProfile'],
		['POST', `${root}/${id}/microsoft.graph.reset()`, 'resetProfile'],
	])('is found at %s %s', (method, path, name) => {
		expect(found(method, path)).toEqual([name, { profileId: id }]);
	});
});

describe('the roots of 2017', () => {
	const old = ['', '/testsds', '/testeduapi', '/beta', '/TestSDS', '/testEduApi/education', '/testsds/education'];

	test('lead to the same operations, and say which dialect is wanted', () => {
		for (const prefix of old) {
			for (const { name, method, route } of Object.values(operations)) {
				const below = route
					.split('/')
					.slice(2)
					.join('/')
					.replaceAll(/\{\w+\}/g, id);
				if (!below.startsWith('synchronizationProfiles')) continue;
				const { operation, root: at } = findOperation(method, `${prefix}/${below}`);
				expect([operation.name, at], `${method} ${prefix}/${below}`).toEqual([
					name,
					{ path: prefix.toLowerCase(), dialect: '2017' },
				]);
			}
		}
	});

	test('have profiles only', () => {
		for (const prefix of old)
			expect(refusal(() => findOperation('GET', `${prefix}/schools`)).code, prefix).toBe('ResourceNotFound');
	});

	test('are not the Graph root, which wants its own dialect', () => {
		expect(findOperation('GET', root).root).toEqual({ path: '/beta/education', dialect: 'graph' });
	});
});

describe('another path', () => {
	test.each([
		'/',
		'/beta/education',
		`${root}/${id}/start/now`,
		`${root}('${id}'/start`,
		'/v1.0/education/schools',
		'/%E0%A4%A',
	])('(%s) has nothing, and no long echo', (path) => {
		const { code, message } = refusal(() => findOperation('GET', path + 'x'.repeat(500)));
		expect(code).toBe('ResourceNotFound');
		expect(message.length).toBeLessThan(300);
	});

	test('never breaks the search', () => {
		fc.assert(
			fc.property(fc.constantFrom('GET', 'POST', 'TRACE'), fc.string(), (method, rest) => {
				try {
					findOperation(method, `${root}/${rest}`);
				} catch (error) {
					expect(error).toBeInstanceOf(SyncApiError);
				}
			}),
		);
	});

	test.each([
		['PATCH', `${root}/${id}/profileStatus`, 'GET, HEAD'],
		['DELETE', `${root}/${id}/status`, 'GET, HEAD'],
		['POST', `${root}/${id}/errors`, 'GET, HEAD'],
		['PATCH', `${root}/${id}/errors/${id}`, 'GET, HEAD'],
		['DELETE', `${root}('${id}')/error('${id}')`, 'GET, HEAD'],
		['GET', `${root}/${id}/pause`, 'POST'],
	])('%s %s is not served, and says what is', (method, path, allowed) => {
		const { code, extras } = refusal(() => findOperation(method, path));
		expect([code, extras.headers]).toEqual(['MethodNotAllowed', { Allow: allowed }]);
	});

	test('may be asked with HEAD where it may with GET', () => {
		expect(findOperation('HEAD', `${root}/${id}`).operation).toBe(operations.getProfile);
		expect(refusal(() => findOperation('HEAD', `${root}/${id}/pause`)).code).toBe('MethodNotAllowed');
	});

	test('is told apart from another method', () => {
		const { code, extras } = refusal(() => findOperation('POST', `${root}/${id}`));
		expect([code, extras.headers]).toEqual(['MethodNotAllowed', { Allow: 'GET, HEAD, PUT, PATCH, DELETE' }]);
	});
});
