import { expect, test } from 'vitest';
import { graphTokens } from '../../../../../src/adapters/directory/graph/client/graph-token.ts';

test('tokens are asked for Graph and the tenant, kept until shortly before they end, and renewed if one is refused', async () => {
	const asked: unknown[] = [];
	let lastsMs = 3_600_000;
	const getToken = graphTokens('https://graph.microsoft.com', async () => ({
		getToken: async (scope, options) => {
			asked.push([scope, options?.tenantId]);
			return { token: `token ${asked.length}`, expiresOnTimestamp: Date.now() + lastsMs };
		},
	}));
	expect([await getToken('t1'), await getToken('t1'), await getToken('t2')]).toEqual(['token 1', 'token 1', 'token 2']);
	expect(asked[0]).toEqual(['https://graph.microsoft.com/.default', 't1']);
	lastsMs = 60_000;
	expect([await getToken('t1', true), await getToken('t1')]).toEqual(['token 3', 'token 4']);
});
