// Asks the registry for known weaknesses of what is deployed. A registry that does not answer is no reason to fail; a weakness is.
import { spawnSync } from 'node:child_process';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const { stdout } = spawnSync(npm, ['audit', '--omit=dev', '--json'], {
	encoding: 'utf8',
	shell: process.platform === 'win32',
});

function report() {
	try {
		return JSON.parse(stdout);
	} catch {
		return {};
	}
}

const { vulnerabilities, error, message } = report();
if (!vulnerabilities) {
	console.log(`Known weaknesses were not looked for: ${error?.summary || message || 'the registry does not answer'}.`);
} else {
	const found = Object.values(vulnerabilities).map(({ name, severity, range }) => `  ${name} ${range}: ${severity}`);
	console.log(found.length === 0 ? 'No known weakness in what is deployed.' : `Known weaknesses:\n${found.join('\n')}`);
	process.exitCode = found.length === 0 ? 0 : 1;
}
