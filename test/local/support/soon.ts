import { expect } from 'vitest';

/** Waits until the condition holds, as long as a slow machine may need; the time says nothing about the code. */
export function expectSoon<T>(read: () => T) {
	return expect.poll(read, { timeout: 180_000, interval: 20 });
}
