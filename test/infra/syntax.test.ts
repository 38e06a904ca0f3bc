import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { bicepFiles, infraFolder } from '../support/infra/bicep.ts';

/** Of every machine; the compiler, which not every machine has, says the rest. */

const { resolve } = createRequire(import.meta.url);
let parser: Parser;

beforeAll(async () => {
	await Parser.init({ locateFile: () => resolve('web-tree-sitter/web-tree-sitter.wasm') });
	parser = new Parser();
	parser.setLanguage(await Language.load(readFileSync(resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'))));
});

const isSound = (text: string) => parser.parse(text)?.rootNode.hasError === false;

test('there is something to check', () => {
	expect(bicepFiles).toContain('main.bicep');
	expect(bicepFiles.length).toBeGreaterThan(8);
});

test.each(bicepFiles)('%s is Bicep', (file) => {
	expect(isSound(readFileSync(path.join(infraFolder, file), 'utf8'))).toBe(true);
});

test.each(["resource a 'b@c' = {", 'param = string', 'var a = [1, 2'])('%s is not', (text) => {
	expect(isSound(text)).toBe(false);
});
