import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/http/openapi.ts';
import { operations } from '../../src/http/operations.ts';

const document = openApiDocument('https://sds.example.org') as {
	paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
};

describe('the OpenAPI description', () => {
	test('passes the linter', async () => {
		const config = await createConfig({
			extends: ['recommended'],
			// The service is deployed by each district under its own licence.
			rules: { 'info-license': 'off' },
		});
		const problems = await lintFromString({ source: JSON.stringify(document), config });
		expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
	});

	test('has every operation at its path, and nothing else', () => {
		const described = Object.entries(document.paths).flatMap(([path, { parameters: _, ...methods }]) =>
			Object.entries(methods).map(([method, { operationId }]) => [operationId, method.toUpperCase(), path]),
		);
		const served = Object.values(operations).map(({ name, method, route }) => [name, method, `/${route}`]);
		expect(described.sort()).toEqual(served.sort());
	});

	test('shows of a profile what is never sent back as write-only', () => {
		const text = JSON.stringify(document);
		expect(text.match(/"clientSecret":\{[^}]*"writeOnly":true/g)?.length).toBeGreaterThan(0);
		expect(text.match(/"clientSecret":\{(?![^}]*writeOnly)[^}]*\}/g)).toBeNull();
	});
});
