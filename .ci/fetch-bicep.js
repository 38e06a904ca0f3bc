// Brings the Bicep compiler for the tests of infra/, where the .NET SDK is there to fetch it; without it they check syntax alone.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const version = '0.49.2';
const name = 'Azure.Bicep.CommandLine.linux-x64';
const folder = path.resolve(import.meta.dirname, '../node_modules/.cache/bicep');
const compiler = path.join(folder, name.toLowerCase(), version, 'tools/bicep');

const project = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="${name}" Version="[${version}]" /></ItemGroup>
</Project>
`;

/** Why it could not be fetched; nothing if it could. */
function fetchCompiler() {
	if (process.platform !== 'linux' || process.arch !== 'x64') return 'its package is for Linux on x64';
	mkdirSync(folder, { recursive: true });
	writeFileSync(path.join(folder, 'fetch.csproj'), project);
	const { error, status } = spawnSync('dotnet', ['restore', '--packages', folder], { cwd: folder, stdio: 'ignore' });
	if (error) return 'there is no dotnet';
	if (status !== 0 || !existsSync(compiler)) return `NuGet does not give ${name} ${version}`;
	chmodSync(compiler, 0o755);
	return undefined;
}

const reason = existsSync(compiler) ? undefined : fetchCompiler();
console.log(
	reason
		? `Bicep ${version} was not fetched, infra/ is checked for syntax alone: ${reason}.`
		: `Bicep ${version} is there.`,
);
