import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/http/openapi.ts';
import { operations } from '../../src/http/operations.ts';

const document = openApiDocument('https://sds.example.org') as {
	components: { schemas: Record<string, unknown> };
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

	test('has a secret in requests only, and there write-only', () => {
		const { profileRequest, ...answers } = document.components.schemas;
		expect(JSON.stringify(profileRequest).match(/"clientSecret":\{[^}]*"writeOnly":true/g)).toHaveLength(3);
		expect(JSON.stringify(answers)).not.toContain('clientSecret');
	});
});
