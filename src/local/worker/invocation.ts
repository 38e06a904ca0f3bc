import { randomUUID } from 'node:crypto';
import type { AppFunction, CoreInvocationContext, FunctionCallback, LogCategory, Registry } from './core-api.ts';
import type { InvocationRequest, InvocationResult } from './worker-contract.ts';

type WriteLog = (level: string, category: LogCategory, message: string) => void;

export interface InvocationScope {
	registry: Registry;
	/** Shared by all hooks of the app's life. */
	appHookData: object;
	writeLog: WriteLog;
}

/** Calls every hook registered under `name`, in order of registration, and waits for each. */
export async function runHooks(registry: Registry, name: string, context: Record<string, unknown>): Promise<void> {
	for (const hook of registry.hooks.get(name) ?? []) await hook(context);
}

/**
 * One invocation by the worker's protocol: arguments, `preInvocation` hooks, handler, `postInvocation` hooks, response.
 * Rejects with the handler's error unless a hook has cleared it.
 */
export async function invokeFunction(
	scope: InvocationScope,
	target: AppFunction,
	request: InvocationRequest,
): Promise<InvocationResult> {
	const { registry, appHookData } = scope;
	const model = registry.model;
	if (!model) throw new Error(`Cannot invoke "${target.name}": the app has set no programming model`);
	const invocationId = request.invocationId ?? randomUUID();
	const hookData = {};
	let invocationContext: unknown;
	const core: CoreInvocationContext = {
		invocationId,
		request: { ...request, invocationId, functionId: target.id },
		metadata: target.metadata,
		state: undefined,
		log: (level, category, message) =>
			logWithHooks(scope, { hookData, appHookData, invocationContext, level, category, message }),
	};
	const invocation = await model.getInvocationModel(core);
	const { context, inputs } = await invocation.getArguments();
	invocationContext = context;

	core.state = 'preInvocationHooks';
	const before = { hookData, appHookData, invocationContext, inputs, functionCallback: target.callback };
	await runHooks(registry, 'preInvocation', before);

	core.state = 'invocation';
	const outcome = await settle(() => invocation.invokeFunction(context, before.inputs, before.functionCallback));

	core.state = 'postInvocationHooks';
	const after = { hookData, appHookData, invocationContext, inputs: before.inputs, ...outcome };
	await runHooks(registry, 'postInvocation', after);
	core.state = undefined;

	if (after.error !== null && after.error !== undefined) throw after.error;
	const response = await invocation.getResponse(context, after.result);
	return after.result === undefined || after.result === null ? { ...response, hasNoValue: true } : response;
}

async function settle(call: () => ReturnType<FunctionCallback>): Promise<{ result: unknown; error: unknown }> {
	try {
		return { result: await call(), error: null };
	} catch (error) {
		return { result: null, error: error ?? new Error(`The handler threw ${String(error)}`) };
	}
}

interface LogContext extends Record<string, unknown> {
	level: string;
	category: LogCategory;
	message: string;
}

function logWithHooks(scope: InvocationScope, context: LogContext): void {
	const { level, message } = context;
	for (const hook of scope.registry.hooks.get('log') ?? []) hook(context);
	// Hooks may reword what the app logs, never what the system says.
	const changed = context.category === 'user' ? context : { level, message };
	scope.writeLog(changed.level, context.category, changed.message);
}
