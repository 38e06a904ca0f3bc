import { execFileSync, spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
export const infraFolder = path.join(root, 'infra');
export const bicepFiles = globSync('**/*.bicep', { cwd: infraFolder }).sort();

/** The compiler: that of the environment, the one that the gate fetched, or one on the PATH; undefined if there is none. */
export function findBicep(): string | undefined {
	if (process.env.BICEP) return process.env.BICEP;
	const [fetched] = globSync('node_modules/.cache/bicep/*/*/tools/bicep', { cwd: root });
	if (fetched) return path.join(root, fetched);
	return spawnSync('bicep', ['--version']).status === 0 ? 'bicep' : undefined;
}

const environment = {
	...process.env,
	DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1',
	// Of no account, and of no meaning.
	AZURE_ENV_NAME: 'test',
	AZURE_LOCATION: 'westeurope',
	SDS_ALERT_EMAIL: 'operators@contoso.edu',
	AUTH_AUDIENCE: '11111111-1111-4111-8111-111111111111',
	AUTH_TENANTS: '22222222-2222-4222-8222-222222222222',
};

export interface BicepRun {
	output: string;
	/** Warnings and errors, a line each. */
	diagnostics: string;
}

export function runBicep(bicep: string, args: readonly string[]): BicepRun {
	const { stdout, stderr, error } = spawnSync(bicep, args, { cwd: infraFolder, env: environment, encoding: 'utf8' });
	if (error) throw error;
	return { output: stdout, diagnostics: stderr.trim() };
}

/** The text that the compiler would have written. */
export const formatted = (bicep: string, file: string) =>
	execFileSync(bicep, ['format', file, '--stdout'], { cwd: infraFolder, env: environment, encoding: 'utf8' });
