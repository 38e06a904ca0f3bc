import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findAppFiles, loadAppFile } from '../../../src/local/worker/app-entry.ts';

let folder: string;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'app-entry-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text = ''): void {
	mkdirSync(dirname(join(folder, file)), { recursive: true });
	writeFileSync(join(folder, file), text);
}

function found(main: string): string[] {
	write('package.json', JSON.stringify({ main }));
	return findAppFiles(folder).map((file) => relative(folder, file));
}

describe('findAppFiles()', () => {
	test('takes "main" as a plain file', () => {
		write('dist/main.js');
		expect(found('dist/main.js')).toEqual(['dist/main.js']);
	});

	test('takes every match of a pattern with braces, in order, and nothing of node_modules', () => {
		for (const file of ['index.js', 'functions/b.js', 'functions/a.js', 'node_modules/x/functions/c.js', 'other.js']) {
			write(file);
		}
		expect(found('{index.js,functions/*.js}')).toEqual(['functions/a.js', 'functions/b.js', 'index.js']);
		expect(found('**/functions/*.js')).toEqual(['functions/a.js', 'functions/b.js']);
	});

	test('refuses a pattern without a match, and quotes it', () => {
		expect(() => found('dist/*.js')).toThrow('"main": "dist/*.js" in package.json matches no file');
	});

	test('prefers the given entry, and says when it does not exist', () => {
		write('app.ts');
		expect(findAppFiles(folder, 'app.ts')).toEqual([join(folder, 'app.ts')]);
		expect(() => findAppFiles(folder, 'gone.ts')).toThrow('gone.ts" does not exist');
	});
});

test('a file that throws while it loads is named in the error, without a stack trace', async () => {
	write('broken.mjs', 'throw new Error("invented failure");');
	await expect(loadAppFile(join(folder, 'broken.mjs'))).rejects.toThrow(/broken\.mjs": invented failure$/);
});
