import { describe, expect, test } from 'vitest';
import { bindBlobPath, parseBlobPath } from '../../../src/local/blobs/blob-path-pattern.ts';

const bind = (path: string, container: string, name: string) => bindBlobPath(parseBlobPath(path), { container, name });

describe('a blob path', () => {
	test('binds a name greedily across slashes', () => {
		expect(bind('uploads/{name}', 'uploads', 'a/b/c.csv')).toEqual({ name: 'a/b/c.csv' });
	});

	test('splits two names at the last separator', () => {
		expect(bind('uploads/{base}.{ext}', 'uploads', 'a.b.csv')).toEqual({ base: 'a.b', ext: 'csv' });
	});

	test('binds nothing for another container or a name that does not fit', () => {
		expect(bind('uploads/{name}.csv', 'other', 'a.csv')).toEqual({});
		expect(bind('uploads/{name}.csv', 'uploads', 'a.txt')).toEqual({});
	});

	test('compares the container without regard to case', () => {
		expect(bind('Uploads/{name}', 'uploads', 'x')).toEqual({ name: 'x' });
	});

	test('binds nothing when it is only a container', () => {
		expect(bind('uploads', 'uploads', 'x')).toEqual({});
	});

	test('reads doubled braces as braces', () => {
		expect(bind('uploads/{{{name}}}', 'uploads', '{x}')).toEqual({ name: 'x' });
	});

	test.each(['up{x}/a', 'uploads/{name', 'uploads/name}'])('refuses "%s"', (path) => {
		expect(() => parseBlobPath(path)).toThrow(`Cannot read the blob path "${path}"`);
	});
});
