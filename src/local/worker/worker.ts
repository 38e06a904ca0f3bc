import type { HostLog, LogLevel } from '../host-log.ts';
import { findAppFiles, loadAppFile } from './app-entry.ts';
import { createCoreApi, createRegistry, type LogCategory, supplyCoreApi } from './core-api.ts';
import { type InvocationScope, invokeFunction, runHooks } from './invocation.ts';
import type { Worker } from './worker-contract.ts';

export interface WorkerOptions {
	/** Folder with the app's package.json. */
	appFolder: string;
	/** A file, relative to the app folder; without it, `main` of package.json decides, as on Azure. */
	entry?: string;
	log: HostLog;
}

/** What Azure's worker offers to the programming model before the app changes it. */
const defaultCapabilities = [
	'RawHttpBodyBytes',
	'RpcHttpTriggerMetadataRemoved',
	'RpcHttpBodyOnly',
	'IgnoreEmptyValuedRpcHttpHeaders',
	'UseNullableValueDictionaryForHttp',
	'WorkerStatus',
	'TypedDataCollection',
	'HandlesWorkerTerminateMessage',
];

/** Loads the app into this process (one app per process) and closes registration. */
export async function startWorker({ appFolder, entry, log }: WorkerOptions): Promise<Worker> {
	const registry = createRegistry();
	const writeLog = toHostLog(log);
	const files = findAppFiles(appFolder, entry);
	supplyCoreApi(createCoreApi(registry, writeLog));
	for (const file of files) await loadAppFile(file);

	const scope: InvocationScope = { registry, appHookData: {}, writeLog };
	const { appHookData } = scope;
	await runHooks(registry, 'appStart', { hookData: {}, appHookData, functionAppDirectory: appFolder });
	registry.locked = true;
	const defaults = Object.fromEntries(defaultCapabilities.map((name) => [name, 'true']));
	// In streaming mode this call starts the library's own HTTP server and reports its address as `HttpUri`.
	const capabilities = (await registry.model?.getCapabilities?.(defaults)) ?? defaults;

	return {
		functions: [...registry.functions.values()],
		capabilities,
		async invoke(functionId, request) {
			const target = registry.functions.get(functionId);
			if (!target) throw new Error(`Cannot invoke "${functionId}": the app has no function with this id`);
			return await invokeFunction(scope, target, request);
		},
		stop: () => runHooks(registry, 'appTerminate', { hookData: {}, appHookData }),
	};
}

const levels: Record<string, LogLevel> = {
	information: 'information',
	warning: 'warning',
	error: 'error',
	critical: 'error',
};

function toHostLog(log: HostLog) {
	return (level: string, category: LogCategory, message: string) => {
		// The library's own remarks ("Enabled deferred binding …") interest only who looks for them.
		const quiet = category === 'system' && level === 'information';
		log(quiet ? 'debug' : (levels[level] ?? 'debug'), message);
	};
}
