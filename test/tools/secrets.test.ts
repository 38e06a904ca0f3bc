import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/hosts/test-host.ts';

/** The scan of the gate, on files that nobody would commit. */

const run = promisify(execFile);
let folder = '';

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'sds-secrets-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the scan says; empty if it finds nothing. */
async function scan(content: string): Promise<string> {
	const file = path.join(folder, 'settings.txt');
	await writeFile(file, content);
	const secretlint = path.join(root, 'node_modules/secretlint/bin/secretlint.js');
	const config = path.join(root, '.secretlintrc.json');
	try {
		await run(process.execPath, [secretlint, '--no-gitignore', '--secretlintrc', config, file], { cwd: root });
		return '';
	} catch (error) {
		return (error as { stdout: string }).stdout;
	}
}

// Put together here, so that the scan of this file does not find them.
const letters = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF'.repeat(3).slice(0, 86);
const secrets: Record<string, string> = {
	'a key of a storage account': `AccountName=contoso;${'Account'}Key=${letters}==`,
	'a signature of an upload URL': `https://contoso.blob.core.windows.net/a?sp=cw&${'sig'}=${letters.slice(0, 43)}%3D`,
	'a private JSON Web Key': `{ "kty": "RSA", ${'"d'}": "${letters}" }`,
	'a system key of a Functions host': `{ "blobs${'_extension'}": "${letters.slice(0, 43)}" }`,
	'a token of GitHub': `${'ghp'}_${letters.slice(0, 36)}`,
};

test.each(Object.entries(secrets))('%s is found', async (_name, secret) => {
	expect(await scan(`${secret}\n`)).toContain('error');
});

test('the key of the emulator, which is known to all, is not', async () => {
	const known = `${'Eby8vdM02xNOcqF'}lqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==`;
	expect(await scan(`AccountName=devstoreaccount1;AccountKey=${known}\n`)).toBe('');
});
