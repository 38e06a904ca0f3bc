import { describe, expect, test } from 'vitest';
import { createRouter } from '../../../src/local/http/http-routes.ts';
import type { RegisteredFunction } from '../../../src/local/worker/worker-contract.ts';

function httpFunction(name: string, route?: string, methods: string[] = ['GET']): RegisteredFunction {
	const trigger = { name: 'req', type: 'httpTrigger', direction: 'in' as const, methods, ...(route ? { route } : {}) };
	return { id: name, name, trigger, bindings: [trigger] };
}

function routerOf(...routes: [name: string, route?: string, methods?: string[]][]) {
	const router = createRouter(
		routes.map((route) => httpFunction(...route)),
		'beta',
	);
	return (path: string, method = 'GET') => {
		const found = router(method, path);
		return found && { name: found.target.name, params: found.params };
	};
}

describe('a router', () => {
	test('takes the function name for a missing route, below the prefix, without regard to case', () => {
		const find = routerOf(['listSchools']);
		expect(find('/beta/LISTschools')?.name).toBe('listSchools');
		expect(find('/listSchools')).toBeUndefined();
	});

	test('takes the first name whose route fits, without regard to case, and not the most specific one', () => {
		const find = routerOf(
			['plain', 'items/{name}'],
			['Literal', 'items/new'],
			['all', 'all/{*path}'],
			['one', 'all/1'],
		);
		expect(find('/beta/items/new')).toEqual({ name: 'Literal', params: {} });
		expect(find('/beta/items/other')).toEqual({ name: 'plain', params: { name: 'other' } });
		expect(find('/beta/all/1')).toEqual({ name: 'all', params: { path: '1' } });
	});

	test('tells functions on one route apart by their methods, and finds none for another method', () => {
		const find = routerOf(['list', 'items', ['GET']], ['create', 'items', ['post']]);
		expect(find('/beta/items', 'GET')?.name).toBe('list');
		expect(find('/beta/items', 'POST')?.name).toBe('create');
		expect(find('/beta/items', 'DELETE')).toBeUndefined();
	});

	test('leaves a missing optional parameter out, and fills in a default', () => {
		const find = routerOf(['optional', 'a/{id?}'], ['filled', 'b/{id=7}']);
		expect(find('/beta/a')).toEqual({ name: 'optional', params: {} });
		expect(find('/beta/a/1')).toEqual({ name: 'optional', params: { id: '1' } });
		expect(find('/beta/b')).toEqual({ name: 'filled', params: { id: '7' } });
		expect(find('/beta/a/1/2')).toBeUndefined();
	});

	test('decodes parameter values, all but the slash, each segment for itself', () => {
		const find = routerOf(['one', 'items/{id}']);
		expect(find('/beta/items/a%20b%2Fc')?.params).toEqual({ id: 'a b%2Fc' });
		expect(find('/beta/items/%zz')?.params).toEqual({ id: '%zz' });
	});

	test('allows one slash at the end, and an empty segment only below the beginning of a catch-all', () => {
		const rest = routerOf(['rest', 'rest/{*path}']);
		expect(rest('/beta/rest/a//b')?.params).toEqual({ path: 'a//b' });
		expect(rest('/beta/rest//b')).toBeUndefined();
		const find = routerOf(['one', 'items']);
		expect(find('/beta/items/')?.name).toBe('one');
		for (const path of ['/beta//items', '//beta/items', '/beta/items//']) expect(find(path)).toBeUndefined();
	});

	test.each([
		['{id:guid}', '5d3c1f6a-9b7e-4c21-8a54-2f0e6b1d7c90', 'not-a-guid'],
		['{id:bool}', 'TRUE', 'yes'],
		['{id:alpha}', 'abc', 'a1'],
		['{id:decimal}', '-1.5', '1.5.2'],
	])('lets %s match "%s" and not "%s"', (segment, fitting, other) => {
		const find = routerOf(['one', `x/${segment}`]);
		expect(find(`/beta/x/${fitting}`)?.params).toEqual({ id: fitting });
		expect(find(`/beta/x/${other}`)).toBeUndefined();
	});

	test('refuses a constraint that it does not have, and names it', () => {
		expect(() => routerOf(['one', 'x/{id:regex(a+)}'])).toThrow(/x\/\{id:regex/);
	});

	test('refuses routes that belong to the host', () => {
		expect(() => createRouter([httpFunction('one', 'admin/users')], '')).toThrow('reserved');
	});
});
