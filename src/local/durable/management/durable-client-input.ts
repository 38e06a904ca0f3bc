import type { Worker } from '../../worker/worker-contract.ts';

/**
 * A worker that adds the input of every `durableClient` binding to every call, whatever its trigger: the one place where
 * that happens. `clientInput` gives the JSON text that Azure's durable extension sends.
 */
export function withDurableClientInput(worker: Worker, clientInput: () => string): Worker {
	const bindingNames = new Map(
		worker.functions.map(({ id, bindings }) => {
			const clients = bindings.filter(({ type }) => type.toLowerCase() === 'durableclient');
			return [id, clients.map(({ name }) => name)];
		}),
	);
	return {
		...worker,
		invoke(functionId, request) {
			const names = bindingNames.get(functionId) ?? [];
			if (names.length === 0) return worker.invoke(functionId, request);
			const added = names.map((name) => ({ name, data: { string: clientInput() } }));
			return worker.invoke(functionId, { ...request, inputData: [...request.inputData, ...added] });
		},
	};
}
