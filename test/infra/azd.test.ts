import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/hosts/test-host.ts';

/** What azd reads, held to what is there: its hooks are our commands, and the template's outputs are what they ask for. */

const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const azure = read('azure.yaml');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

test('every hook is one npm command, the same in every shell', () => {
	const hooks = [...azure.matchAll(/^ {2}(\w+):\n((?: {4}.*\n)+)/gm)].filter(([, name]) =>
		/^(pre|post)/.test(name as string),
	);
	expect(hooks.map(([, name]) => name)).toEqual(['prepackage', 'postdeploy']);
	for (const [, name, body] of hooks) {
		const runs = [...String(body).matchAll(/(windows|posix): \{ shell: (pwsh|sh), run: (.*) \}/g)];
		expect(
			runs.map(([, platform]) => platform),
			name,
		).toEqual(['windows', 'posix']);
		const commands = new Set(runs.map(([, , , run]) => run));
		expect(commands.size, name).toBe(1);
		const [, script = ''] = /^npm run ([\w-]+)$/.exec([...commands][0] as string) ?? [];
		expect(scripts, name).toHaveProperty(script);
	}
});

test('the service is the folder that `npm run package` makes, and nothing is built in Azure', () => {
	expect(azure).toMatch(/^ {4}project: package\n {4}remoteBuild: false$/m);
	expect(read('tools/main.ts')).toContain("path.join(root, 'package')");
	expect(read('infra/modules/function-app.bicep')).toContain("'azd-service-name': 'api'");
	expect(azure).toMatch(/^services:\n {2}api:$/m);
	expect(existsSync(path.join(root, 'infra/main.bicepparam'))).toBe(true);
});

test('the outputs of the template are what the commands after the deployment ask for', () => {
	const outputs = [...read('infra/main.bicep').matchAll(/^output (\w+) /gm)].map(([, name]) => name);
	const [, table = ''] = /const names = \{([^}]*)\}/.exec(read('infra/connect-events/main.ts')) ?? [];
	const asked = [...table.matchAll(/'([A-Z_]+)'/g)].map(([, name]) => name);
	// azd sets this one itself.
	const needed = asked.filter((name) => name !== 'AZURE_SUBSCRIPTION_ID');
	expect(needed).toHaveLength(3);
	expect(outputs).toEqual(expect.arrayContaining([...needed, 'API_URL']));
});

test('what the parameters read from the environment is documented', () => {
	const variables = [...read('infra/main.bicepparam').matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(
		([, name]) => name,
	);
	const documented = `${read('docs/deploy.md')}${read('README.md')}`;
	for (const name of variables.filter((each) => !['AZURE_ENV_NAME', 'AZURE_LOCATION'].includes(each as string)))
		expect(documented, name).toContain(String(name));
});
