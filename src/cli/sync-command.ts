import { CannotRunError } from './cannot-run.ts';
import { createApiClient } from './client/api-client.ts';
import { openService, type ServiceContext } from './client/service.ts';
import { type OptionsContext, readOptions, type SyncOptions, usage } from './options.ts';
import { findRosterFiles } from './roster-folder.ts';
import { closingLines } from './screen/report.ts';
import { createScreen, type OutputStream, type Screen, silentScreen } from './screen/screen.ts';
import { wrapText } from './screen/table.ts';
import { printable } from './screen/wording.ts';
import { type Looked, lookFirst } from './steps/look-first.ts';
import { performSync } from './steps/perform-sync.ts';
import { exitCodes, type SyncResult, toJson } from './steps/sync-result.ts';
import { traceStep } from './steps/trace-step.ts';

export interface CommandContext extends OptionsContext, ServiceContext {
	stdout: OutputStream;
	stderr: OutputStream;
}

const exitCannotRun = 2;
/** As shells report a program that was stopped by Ctrl-C. */
const exitInterrupted = 130;

/** The whole command, from arguments to exit code. */
export async function syncCommand(args: readonly string[], context: CommandContext): Promise<number> {
	// Whoever asks for JSON gets JSON, even if the other arguments are wrong.
	const wantsJson = args.includes('--json');
	const screen = wantsJson
		? silentScreen
		: createScreen(context.stdout, { environment: context.environment, nowMs: context.clock.nowMs });
	const stage: Stage = { isHandedOver: false };
	try {
		const options = readOptions(args, context);
		if (options === 'help') {
			context.stdout.write(usage);
			return 0;
		}
		stage.options = options;
		const { exitCode, json } = await run(options, { context, screen, stage });
		if (wantsJson) writeJson(context, json);
		return exitCode;
	} catch (error) {
		screen.endProgress();
		const failure = describeFailure(error, stage, context.signal);
		if (wantsJson) writeJson(context, { outcome: failure.outcome, message: failure.message });
		context.stderr.write(`${failure.message}\n`);
		return failure.exitCode;
	}
}

interface Stage {
	options?: SyncOptions;
	isHandedOver: boolean;
}

interface CommandParts {
	context: CommandContext;
	screen: Screen;
	stage: Stage;
}

async function run(
	options: SyncOptions,
	{ context, screen, stage }: CommandParts,
): Promise<{ exitCode: number; json: unknown }> {
	const { clock } = context;
	const files = options.trace ? [] : await findRosterFiles(options.folder);
	screen.line();
	if (!options.trace) screen.fact('Folder', printable(options.folder));
	const service = await startService(options, context, screen);
	try {
		for (const notice of service.notices) tellNotice(notice, options, { context, screen });
		const { signal } = service;
		const client = createApiClient(service.connection);
		if (options.trace) return { exitCode: 0, json: await traceStep(options, options.trace, { client, screen }) };
		const onHandedOver = () => {
			stage.isHandedOver = true;
		};
		const performing = { client, clock, signal, screen, onHandedOver };
		const looked = await lookFirst(options, files, performing);
		const { lines, ...end } = looked ?? synced(await performSync(options, files, performing), screen);
		// Before the service is stopped, because that is of no interest to anybody.
		for (const line of [...lines, '']) screen.line(line);
		return end;
	} finally {
		await service.stop();
		screen.endProgress();
	}
}

const synced = (result: SyncResult, screen: Screen): Looked => ({
	lines: closingLines(result, screen),
	json: toJson(result),
	exitCode: exitCodes[result.outcome],
});

/** Whoever reads JSON reads it on standard output only. */
function tellNotice(
	notice: string,
	{ json }: SyncOptions,
	{ context, screen }: { context: CommandContext; screen: Screen },
): void {
	if (json) context.stderr.write(`${printable(notice)}\n`);
	else for (const line of wrapText(printable(notice), screen.widthColumns - 2)) screen.line(`  ${line}`);
}

async function startService(options: SyncOptions, context: CommandContext, screen: Screen) {
	const { target } = options;
	if (target.kind === 'embedded') screen.progress({ title: 'Starting the embedded service', done: 0, total: 0 });
	const service = await openService(target, context);
	screen.fact(
		'Service',
		target.kind === 'embedded' ? `on this machine, data in ${printable(target.dataFolder)}` : target.url,
	);
	return service;
}

interface Failure {
	exitCode: number;
	outcome: 'interrupted' | 'notRun';
	message: string;
}

function describeFailure(error: unknown, stage: Stage, signal: AbortSignal): Failure {
	if (signal.aborted) return { exitCode: exitInterrupted, outcome: 'interrupted', message: interruptedMessage(stage) };
	const message = error instanceof Error ? error.message : String(error);
	const text =
		error instanceof CannotRunError ? message : `Cannot go on, because of a fault in this program: ${message}`;
	return { exitCode: exitCannotRun, outcome: 'notRun', message: printable(text) };
}

function interruptedMessage({ options, isHandedOver }: Stage): string {
	if (!isHandedOver) return 'Stopped before the sync had begun. Run the command again to sync.';
	const where =
		options?.target.kind === 'remote' ? 'goes on in the service' : 'goes on at the next start of the embedded service';
	return `Stopped. The sync ${where}; run the command again to follow it, or "npm start".`;
}

function writeJson({ stdout }: CommandContext, value: unknown): void {
	stdout.write(`${JSON.stringify(value)}\n`);
}
