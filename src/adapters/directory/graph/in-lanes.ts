import { inParallel } from '../../transactions.ts';
import type { GraphScope } from './graph-scope.ts';

/** As `inParallel`, but that nothing is under way any more once it fails: what goes on beside is given up, and waited for. */
export async function inLanes<I, O>(
	scope: GraphScope,
	items: readonly I[],
	work: (scope: GraphScope, item: I) => Promise<O>,
	width = 4,
): Promise<O[]> {
	const failed = new AbortController();
	const { signal } = scope.call;
	const call = { ...scope.call, signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal };
	let failure: { error: unknown } | undefined;
	const results = await inParallel(
		items,
		async (item) => {
			if (failure) return undefined;
			try {
				return await work({ ...scope, call }, item);
			} catch (error) {
				failure ??= { error };
				failed.abort(error);
				return undefined;
			}
		},
		width,
	);
	if (failure) throw failure.error;
	return results as O[];
}
