import { SyncApiError } from '../../domain/errors.ts';
import type { VerificationMessage } from '../../domain/roster/findings/verdict.ts';

/**
 * The error (400) of a start whose files do not pass. Its body carries both: the `error` that SDKs look for, and the messages
 * that the documentation promises. https://learn.microsoft.com/graph/api/educationsynchronizationprofile-start
 */
export function startRefusal(
	messages: readonly VerificationMessage[],
	body: Readonly<Record<string, unknown>>,
): SyncApiError {
	const errors = messages.filter(({ type }) => type === 'Error');
	const details = errors.map(({ fileName, description }) => ({
		code: 'InvalidFile',
		target: fileName,
		message: description,
	}));
	const files = [...new Set(errors.map(({ fileName }) => fileName))].join(', ');
	const message = `The sync was not started: verification found errors in ${files}. Correct what "value" says, upload these files again, and start again; GET errors shows the rows.`;
	return new SyncApiError('ValidationFailed', message, { details, body });
}
