import { expect, test } from 'vitest';
import { createTokenSource, fixedToken } from '../../../src/cli/client/access-token.ts';
import { jumpingClock } from '../command-bench.ts';

function openSource(lifetimeMs: number) {
	const clock = jumpingClock();
	let count = 0;
	const getToken = createTokenSource(async () => {
		count += 1;
		return { value: `token-${count}`, expiresAtMs: clock.nowMs() + lifetimeMs };
	}, clock);
	const pass = (durationMs: number) => clock.sleep(durationMs, new AbortController().signal);
	return { getToken, pass };
}

test('a token is asked for once and replaced five minutes before it expires', async () => {
	const { getToken, pass } = openSource(3_600_000);
	expect(await getToken()).toBe('token-1');
	await pass(3_299_000);
	expect(await getToken()).toBe('token-1');
	await pass(2_000);
	expect(await getToken()).toBe('token-2');
});

test('a short-lived token is used for three quarters of its life', async () => {
	const { getToken, pass } = openSource(60_000);
	await getToken();
	await pass(44_000);
	expect(await getToken()).toBe('token-1');
	await pass(2_000);
	expect(await getToken()).toBe('token-2');
});

test('a refused token is replaced whatever its age', async () => {
	const { getToken } = openSource(3_600_000);
	await getToken();
	expect(await getToken(true)).toBe('token-2');
});

test('a token from the user is used until it is refused, and then explained without being shown', async () => {
	const getToken = fixedToken('secret-token');
	expect(await getToken()).toBe('secret-token');
	const refusal = await getToken(true).catch((error: Error) => error.message);
	expect(refusal).toContain('has expired, or was made for another service');
	expect(refusal).not.toContain('secret-token');
});
