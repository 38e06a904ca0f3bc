import type { GraphClient } from '../client/graph-client.ts';
import type { GraphClock } from '../client/graph-clock.ts';
import type { GraphCall, GraphRequest } from '../client/graph-request.ts';

/** What a tenant has besides its objects. Asked for seldom: it changes when somebody buys something. */
export interface TenantFacts {
	/** Ids of licences by id and by part number, both in lower case. */
	skuIds(call: GraphCall): Promise<ReadonlyMap<string, string>>;
	/** Two letters; undefined if it is not known, or must not be. */
	country(call: GraphCall): Promise<string | undefined>;
	/** Whether something that Graph has refused to answer, or does not know, is still worth asking for. */
	isAllowed(tenantId: string, what: string): boolean;
	/** It was refused just now. */
	refuse(tenantId: string, what: string): void;
}

const keptMs = 10 * 60_000;

export function tenantFacts(client: GraphClient, clock: GraphClock): TenantFacts {
	const kept = new Map<string, { until: number; value: Promise<readonly unknown[]> }>();
	const refused = new Map<string, number>();

	/** What cannot be read counts as empty. */
	function listed(call: GraphCall, path: string): Promise<readonly unknown[]> {
		const key = `${call.tenantId} ${path}`;
		const now = clock.now().getTime();
		const known = kept.get(key);
		if (known && known.until > now) return known.value;
		const value = readList(client, call, { method: 'GET', path });
		kept.set(key, { until: now + keptMs, value });
		value.catch(() => kept.delete(key));
		return value;
	}

	return {
		async skuIds(call) {
			const skus = (await listed(call, '/subscribedSkus')) as { skuId?: string; skuPartNumber?: string }[];
			return new Map(
				skus.flatMap(({ skuId = '', skuPartNumber = '' }) =>
					[skuId, skuPartNumber].map((name): [string, string] => [name.toLowerCase(), skuId]),
				),
			);
		},

		async country(call) {
			const [organization] = (await listed(call, '/organization?$select=countryLetterCode')) as {
				countryLetterCode?: string;
			}[];
			return organization?.countryLetterCode || undefined;
		},

		isAllowed: (tenantId, what) => (refused.get(`${tenantId} ${what}`) ?? 0) <= clock.now().getTime(),
		refuse: (tenantId, what) => refused.set(`${tenantId} ${what}`, clock.now().getTime() + keptMs),
	};
}

async function readList(client: GraphClient, call: GraphCall, request: GraphRequest): Promise<readonly unknown[]> {
	const [answer] = await client.send(call, [request]);
	const { value } = (answer?.body ?? {}) as { value?: unknown };
	return answer?.status === 200 && Array.isArray(value) ? value : [];
}
