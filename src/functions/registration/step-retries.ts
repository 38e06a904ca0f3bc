import * as df from 'durable-functions';

/** A step that throws meets a broken dependency: it gets a minute and a half to mend itself. */
export function stepRetries(): df.RetryOptions {
	const retries = new df.RetryOptions(3_000, 6);
	retries.backoffCoefficient = 2;
	retries.maxRetryIntervalInMilliseconds = 30_000;
	return retries;
}
