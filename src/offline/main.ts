import { verifyCommand } from './verify-command.ts';

process.exitCode = await verifyCommand(process.argv.slice(2), {
	// npm changes to the repository and remembers where the user was.
	currentFolder: process.env.INIT_CWD ?? process.cwd(),
	stdout: process.stdout,
	stderr: process.stderr,
});
