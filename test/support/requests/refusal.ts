import { SyncApiError } from '../../../src/domain/errors.ts';

/** The error that a client would be told; anything else that is thrown goes on. */
export function refusal(action: () => unknown): SyncApiError {
	try {
		action();
	} catch (error) {
		if (error instanceof SyncApiError) return error;
		throw error;
	}
	throw new Error('Nothing was refused.');
}

export async function asyncRefusal(action: Promise<unknown>): Promise<SyncApiError> {
	const thrown = await action.then(
		() => new Error('Nothing was refused.'),
		(error: unknown) => error,
	);
	if (thrown instanceof SyncApiError) return thrown;
	throw thrown;
}
