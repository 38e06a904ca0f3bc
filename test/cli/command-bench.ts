import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/cli/clock.ts';
import { rosterKinds } from '../../src/cli/roster-kinds.ts';
import { type CommandContext, syncCommand } from '../../src/cli/sync-command.ts';
import { StandInService } from './stand-in-service.ts';

/** Waiting costs no time: the clock jumps. */
export function jumpingClock(): Clock & { sleeps: number[] } {
	let timeMs = Date.parse('2025-09-01T06:00:00Z');
	const sleeps: number[] = [];
	return {
		sleeps,
		nowMs: () => timeMs,
		async sleep(durationMs, signal) {
			await new Promise((resolve) => setImmediate(resolve));
			signal.throwIfAborted();
			sleeps.push(durationMs);
			timeMs += durationMs;
		},
	};
}

export interface CommandResult {
	exitCode: number;
	stdout: string;
	stderr: string;
}

/** One service, one folder of files and one way to run the command against them. */
export class CommandBench {
	readonly service = new StandInService();
	readonly clock = jumpingClock();
	readonly interruption = new AbortController();
	folder = '';
	#parent = '';

	async open(): Promise<void> {
		await this.service.listen();
		this.#parent = await mkdtemp(join(tmpdir(), 'sync-client-'));
		this.folder = join(this.#parent, 'roster');
		await mkdir(this.folder);
		for (const { file } of rosterKinds) await this.writeFile(file, `SIS ID\r\n${file}\r\n`);
	}

	async close(): Promise<void> {
		await this.service.close();
		await rm(this.#parent, { recursive: true, force: true });
	}

	writeFile(name: string, content: string | Buffer): Promise<void> {
		return writeFile(join(this.folder, name), content);
	}

	async run(args: readonly string[] = [this.folder], overrides: Partial<CommandContext> = {}): Promise<CommandResult> {
		const result = { stdout: '', stderr: '' };
		const exitCode = await syncCommand(args, {
			environment: {},
			currentFolder: this.#parent,
			repositoryFolder: this.#parent,
			stdout: { write: (text) => (result.stdout += text) },
			stderr: { write: (text) => (result.stderr += text) },
			clock: this.clock,
			signal: this.interruption.signal,
			startHost: async () => this.service.asHost(),
			...overrides,
		});
		return { exitCode, ...result };
	}
}
