import Module from 'node:module';
import type {
	Binding,
	InvocationRequest,
	InvocationResult,
	RegisteredFunction,
	RetryOptions,
} from './worker-contract.ts';

/**
 * The object that `@azure/functions` gets from `require('@azure/functions-core')`. On Azure the Functions worker supplies
 * it (https://github.com/Azure/azure-functions-nodejs-worker); there is no such package to install.
 */
export interface CoreApi {
	version: string;
	hostVersion: string;
	registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
	registerHook(name: string, callback: HookCallback): Disposable;
	setProgrammingModel(model: ProgrammingModel): void;
	getProgrammingModel(): ProgrammingModel | undefined;
	/** `app.setup({ enableHttpStream })` demands that this exists. */
	log(level: string, category: LogCategory, message: string): void;
	Disposable: typeof Disposable;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;
type HookCallback = (context: Record<string, unknown>) => unknown;
export type LogCategory = 'user' | 'system' | 'customMetric';

interface FunctionMetadata {
	name: string;
	functionId?: string;
	bindings: Record<string, Omit<Binding, 'name'> & { name?: string }>;
	retryOptions?: RetryOptions;
}

interface ProgrammingModel {
	name: string;
	getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
	getCapabilities?(defaults: Record<string, string>): Record<string, string> | Promise<Record<string, string>>;
}

export interface CoreInvocationContext {
	invocationId: string;
	request: InvocationRequest & { functionId: string };
	metadata: FunctionMetadata;
	/** The library's "log after completion" warning depends on it. */
	state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
	log(level: string, category: LogCategory, message: string): void;
}

interface InvocationModel {
	getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
	invokeFunction(context: unknown, inputs: unknown[], handler: FunctionCallback): Promise<unknown>;
	getResponse(context: unknown, result: unknown): Promise<InvocationResult>;
}

export interface AppFunction extends RegisteredFunction {
	metadata: FunctionMetadata;
	callback: FunctionCallback;
}

class Disposable {
	#onDispose: (() => unknown) | undefined;

	constructor(onDispose: () => unknown) {
		this.#onDispose = onDispose;
	}

	static from(...disposables: { dispose(): unknown }[]): Disposable {
		return new Disposable(() => {
			for (const disposable of disposables) disposable.dispose();
		});
	}

	dispose(): void {
		this.#onDispose?.();
		this.#onDispose = undefined;
	}
}

/** Everything that an app registers while it is loaded; closed by `lock`. */
export interface Registry {
	functions: Map<string, AppFunction>;
	hooks: Map<string, Set<HookCallback>>;
	model: ProgrammingModel | undefined;
	locked: boolean;
}

export function createRegistry(): Registry {
	return { functions: new Map(), hooks: new Map(), model: undefined, locked: false };
}

export function createCoreApi(registry: Registry, log: CoreApi['log']): CoreApi {
	const requireStartUp = (action: string) => {
		if (registry.locked) throw new Error(`Cannot ${action}: this is possible only during app startup`);
	};
	return {
		version: '3.12.0',
		hostVersion: '4.1041.0',
		Disposable,
		log,
		setProgrammingModel(model) {
			requireStartUp('set the programming model');
			registry.model = model;
		},
		getProgrammingModel: () => registry.model,
		registerFunction(metadata, callback) {
			requireStartUp(`register function "${metadata.name}"`);
			const added = toAppFunction(metadata, callback);
			if (registry.functions.has(added.id)) {
				throw new Error(`Cannot register function "${metadata.name}": a function with the id "${added.id}" exists`);
			}
			registry.functions.set(added.id, added);
			return new Disposable(() => {
				requireStartUp(`remove function "${metadata.name}"`);
				registry.functions.delete(added.id);
			});
		},
		registerHook(name, callback) {
			requireStartUp(`register a hook "${name}"`);
			const hooks = registry.hooks.get(name) ?? new Set();
			registry.hooks.set(name, hooks.add(callback));
			return new Disposable(() => hooks.delete(callback));
		},
	};
}

function toAppFunction(metadata: FunctionMetadata, callback: FunctionCallback): AppFunction {
	const bindings = Object.entries(metadata.bindings).map(
		([name, binding]): Binding => ({ ...binding, name }) as Binding,
	);
	const triggers = bindings.filter((binding) => /trigger$/i.test(binding.type));
	const [trigger] = triggers;
	if (!trigger || triggers.length > 1) {
		throw new Error(`Cannot register function "${metadata.name}": it has ${triggers.length} triggers, and needs one`);
	}
	const { name, retryOptions } = metadata;
	const id = metadata.functionId ?? name;
	return { id, name, trigger, bindings, metadata, callback, ...(retryOptions ? { retryOptions } : {}) };
}

const coreModule = '@azure/functions-core';
let supplied: CoreApi | undefined;

/**
 * Answers `require('@azure/functions-core')` for the rest of the process, as Azure's worker does. The library is
 * CommonJS also inside an ES module app, and caches the answer: hence before the app is loaded, and once per process.
 */
export function supplyCoreApi(core: CoreApi): void {
	if (supplied?.getProgrammingModel()) {
		throw new Error('Cannot load an app: this process has loaded one already; use a new process for each app');
	}
	if (!supplied) patchRequire();
	supplied = core;
}

function patchRequire(): void {
	const original = Module.prototype.require;
	Module.prototype.require = function (this: NodeJS.Module, id: string) {
		return id === coreModule ? supplied : original.call(this, id);
	} as typeof original;
}
