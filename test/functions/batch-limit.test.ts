import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, serviceUrl, startApi } from '../support/hosts/api-under-test.ts';

/** What the limit gives to a caller that has rested. */
const burst = 60;

let api: ApiUnderTest;

beforeAll(async () => {
	api = await startApi();
	process.env.RATE_LIMIT_PER_MINUTE = '1';
});

afterAll(() => api?.stop());

test('each request of a batch counts for the rate limit, and the batch does too', async () => {
	const requests = Array.from({ length: 20 }, (_, at) => ({
		id: String(at),
		method: 'GET',
		url: '/education/synchronizationProfiles/$count',
	}));
	const statuses: number[] = [];
	for (let batches = 0; batches < 3; batches++) {
		const { body } = await api.call(`${serviceUrl}/beta/$batch`, { method: 'POST', body: { requests } });
		const parts = body.responses as { status: number; headers: Record<string, string> }[];
		statuses.push(...parts.map(({ status }) => status));
		for (const { status, headers } of parts) if (status === 429) expect(headers['Retry-After']).toMatch(/^\d+$/);
	}
	expect(statuses.filter((status) => status === 200)).toHaveLength(burst - 3);
	expect(statuses.filter((status) => status === 429)).toHaveLength(3);
	const refused = await api.call(`${serviceUrl}/beta/$batch`, { method: 'POST', body: { requests } });
	expect(refused.status).toBe(429);
});
