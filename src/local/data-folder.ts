import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A value that is created once and then kept as `<folder>/<name>`, readable by its owner only. Without a folder it lives
 * as long as the host.
 */
export async function keepJson<T>(folder: string | undefined, name: string, create: () => T | Promise<T>): Promise<T> {
	if (folder === undefined) return await create();
	const file = join(folder, name);
	if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
	const value = await create();
	mkdirSync(folder, { recursive: true });
	// A crash between write and rename leaves no half-written keys behind.
	writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
	renameSync(`${file}.new`, file);
	return value;
}
