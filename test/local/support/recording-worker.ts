import type {
	Binding,
	InvocationRequest,
	RegisteredFunction,
	RetryOptions,
	Worker,
} from '../../../src/local/worker/worker-contract.ts';

export interface RecordingWorker extends Worker {
	calls: { functionId: string; request: InvocationRequest }[];
}

/** A worker whose functions do what `behave` does, and which keeps every call. */
export function createRecordingWorker(
	functions: RegisteredFunction[],
	behave: (request: InvocationRequest) => Promise<void> | void = () => {},
): RecordingWorker {
	const calls: RecordingWorker['calls'] = [];
	return {
		functions,
		capabilities: {},
		calls,
		async invoke(functionId, request) {
			calls.push({ functionId, request });
			await behave(request);
			return { outputData: [] };
		},
		async stop() {},
	};
}

export function functionOf(
	name: string,
	fields: Partial<Binding> & { type: string },
	retryOptions?: RetryOptions,
): RegisteredFunction {
	const trigger: Binding = { name: `${fields.type}1`, direction: 'in', ...fields };
	return { id: name, name, trigger, bindings: [trigger], ...(retryOptions ? { retryOptions } : {}) };
}
