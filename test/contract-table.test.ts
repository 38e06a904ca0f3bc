import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { operations } from '../src/http/operations.ts';

const root = path.resolve(import.meta.dirname, '..');
const text = await readFile(path.join(import.meta.dirname, 'README.md'), 'utf8');

describe('the table of what covers what', () => {
	test('has every operation, with its request', () => {
		const rows = [...text.matchAll(/^\| (\w+) \| `(\w+) (\S+)` \|/gm)].map(([, ...cells]) => cells);
		expect(rows).toEqual(Object.values(operations).map(({ name, method, route }) => [name, method, `/${route}`]));
	});

	test('names only files that are there', () => {
		const files = [...text.matchAll(/`((?:src|test|bench)\/[^`]+)`/g)].map(([, file]) => file as string);
		expect(files.length).toBeGreaterThan(50);
		expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
	});
});
