import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../../src/http/openapi/openapi.ts';
import { operations } from '../../../src/http/operations.ts';

const document = openApiDocument('https://sds.example.org') as {
	components: { schemas: Record<string, Schema> };
	paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>;
};

const { schemas } = document.components;

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
		const holders = Object.entries(schemas).filter(([, schema]) => JSON.stringify(schema).includes('clientSecret'));
		expect(holders).toHaveLength(3);
		for (const [name, { properties }] of holders) {
			expect(name).toMatch(/Request$/);
			expect(properties?.clientSecret).toMatchObject({ writeOnly: true });
		}
	});
});

/** What generators for C# and their like (Kiota, NSwag) need, to make a class of every object and tell the members of a union apart. */
describe('the OpenAPI description, for generators of classes', () => {
	const nodes = [...everyNode(document)];

	test('refers only to what is there', () => {
		const references = nodes.flatMap(({ node }) => (typeof node.$ref === 'string' ? [node.$ref] : []));
		expect(references.length).toBeGreaterThan(100);
		for (const reference of references) expect(at(reference), reference).toBeDefined();
	});

	test('has names that differ in more than their case', () => {
		for (const names of [Object.keys(schemas), operationIds()])
			expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
	});

	test('has only unions of named schemas, each with a constant of its own in the discriminator', () => {
		const unions = nodes.filter(({ node }) => node.oneOf ?? node.anyOf ?? node.allOf);
		expect(unions).toHaveLength(6);
		for (const { path, node } of unions) {
			const { propertyName, mapping } = node.discriminator as { propertyName: string; mapping: Record<string, string> };
			const members = (node.oneOf as { $ref: string }[]).map(({ $ref }) => $ref);
			expect(Object.values(mapping), path).toEqual(members);
			for (const [value, reference] of Object.entries(mapping)) {
				const { properties, required, type } = at(reference) as Schema;
				expect([type, properties?.[propertyName], required?.includes(propertyName)], reference).toEqual([
					'object',
					{ type: 'string', const: value },
					true,
				]);
			}
		}
	});

	test('has no two objects that are written out alike: what occurs twice has a name', () => {
		const objects = nodes.filter(({ node }) => node.type === 'object' && node.properties !== undefined);
		const texts = objects.map(({ node }) => JSON.stringify(node));
		const twice = objects.filter((_, index) => texts.indexOf(texts[index] as string) !== index);
		expect(twice.map(({ path }) => path)).toEqual([]);
	});

	test('has one schema for every answer', () => {
		const contents = nodes.filter(({ path }) => /\/responses\/[^/]+\/content\/application~1json\/schema$/.test(path));
		expect(contents.length).toBeGreaterThan(20);
		for (const { path, node } of contents) expect(Object.keys(node), path).toEqual(['$ref']);
	});
});

interface Schema {
	type?: string;
	properties?: Record<string, unknown>;
	required?: string[];
}

interface Node {
	path: string;
	node: Record<string, unknown>;
}

const operationIds = () =>
	Object.values(document.paths).flatMap((methods) =>
		Object.values(methods).flatMap(({ operationId }) => (operationId === undefined ? [] : [operationId])),
	);

function* everyNode(value: unknown, path = '#'): Generator<Node> {
	if (typeof value !== 'object' || value === null) return;
	if (!Array.isArray(value)) yield { path, node: value as Record<string, unknown> };
	for (const [name, child] of Object.entries(value)) yield* everyNode(child, `${path}/${name.replaceAll('/', '~1')}`);
}

function at(reference: string): unknown {
	const names = reference.slice(2).split('/');
	return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
}
