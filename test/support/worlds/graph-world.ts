import { type GraphClient, graphClient } from '../../../src/adapters/directory/graph/client/graph-client.ts';
import { type GraphClock, systemGraphClock } from '../../../src/adapters/directory/graph/client/graph-clock.ts';
import { memoryWriteBudget } from '../../../src/adapters/directory/graph/client/write-budget.ts';
import { type GraphStrategy, graphDirectory } from '../../../src/adapters/directory/graph/graph-directory.ts';
import { withoutNulls } from '../../../src/adapters/directory/graph/objects/object-bodies.ts';
import type { StorageAccount } from '../../../src/adapters/storage-account.ts';
import type { Directory, DirectoryKind } from '../../../src/directory-ports.ts';
import {
	fastClock,
	type GraphServer,
	type GraphServerOptions,
	startGraphServer,
} from '../../../src/local/graph/graph-server.ts';
import type { ShownDirectory, ShownObject } from '../shown-directory.ts';

export interface GraphWorld extends ShownDirectory {
	server: GraphServer;
	client: GraphClient;
	directory: Directory;
	/** The same tenants through another instance. */
	another(): Directory;
	stop(): Promise<void>;
}

export interface GraphWorldOptions {
	account: Pick<StorageAccount, 'table'>;
	strategy?: GraphStrategy;
	server?: GraphServerOptions;
	clock?: Partial<GraphClock>;
}

/** Pauses are as much shorter, and the server's clock as much faster. */
const haste = 50;

/** A clock of which a second lasts as long as many; `skip` moves it on at once. */
export function skippingClock() {
	const fast = fastClock(haste);
	let skipped = 0;
	const nowMs = () => fast() + skipped;
	const clock: GraphClock = {
		...hastyClock,
		now: () => new Date(nowMs()),
		timeout: (milliseconds) => AbortSignal.timeout(Math.ceil(milliseconds / haste)),
	};
	return {
		nowMs,
		clock,
		skip(milliseconds: number): void {
			skipped += milliseconds;
		},
	};
}

const hastyClock: GraphClock = {
	...systemGraphClock,
	sleep: (milliseconds, signal) => systemGraphClock.sleep(milliseconds / haste, signal),
};

/** No test waits for a quota unless it is about one. */
const quotas = { writes: { capacity: 1_000_000, perSeconds: 1 } };
const unlimited = { perSecond: 1_000_000, burst: 1_000_000 };

export const worldTenant: NonNullable<GraphServerOptions['tenant']> = {
	verifiedDomains: ['example.org', 'one.org', 'two.org', 'other.example.org'],
	skus: ['sku-1', 'sku-2'].map((skuId) => ({ skuId, skuPartNumber: skuId.toUpperCase(), enabled: 1_000 })),
};

/** The directory of the sync over a Microsoft Graph of its own. */
export async function startGraphWorld(options: GraphWorldOptions): Promise<GraphWorld> {
	const { account, strategy = 'packed' } = options;
	const server = await startGraphServer({ tenant: worldTenant, quotas, nowMs: fastClock(haste), ...options.server });
	const clock = { ...hastyClock, ...options.clock };
	const getToken = tokensOf(server.url);
	const open = () => {
		const budget = memoryWriteBudget(clock.now, unlimited);
		return graphClient({
			baseUrl: server.url,
			budget,
			readBudget: budget,
			batches: strategy === 'packed',
			clock,
			getToken,
		});
	};
	const client = open();
	return {
		server,
		client,
		directory: graphDirectory({ client, strategy, account, clock }),
		another: () => graphDirectory({ client: open(), strategy, account, clock }),
		...shownByGraph(open()),
		stop: server.stop,
	};
}

function tokensOf(url: string): (tenantId: string, isRefused?: boolean) => Promise<string> {
	const tokens = new Map<string, Promise<string>>();
	const ask = async (tenantId: string): Promise<string> => {
		const form = {
			grant_type: 'client_credentials',
			client_id: 'the app',
			client_secret: 'any',
			scope: `${url}/.default`,
		};
		const body = new URLSearchParams(form);
		const response = await fetch(`${url}/${tenantId}/oauth2/v2.0/token`, { method: 'POST', body }).catch(
			() => undefined,
		);
		// Faults spare nobody.
		if (!response) return ask(tenantId);
		return ((await response.json()) as { access_token: string }).access_token;
	};
	return (tenantId, isRefused) => {
		const token = (!isRefused && tokens.get(tenantId)) || ask(tenantId);
		tokens.set(tenantId, token);
		return token;
	};
}

/** What a client of Graph sees. */
function shownByGraph(client: GraphClient): ShownDirectory {
	const list = async (tenantId: string, path: string) =>
		((await client.lists({ tenantId }, [{ method: 'GET', path }]))[0] ?? []) as { id: string }[];
	return {
		async look(tenantId: string, kind: DirectoryKind): Promise<ShownObject[]> {
			const objects = await list(tenantId, `/education/${kind}?$top=999`);
			const paths = kind === 'schools' ? [] : objects.map(({ id }) => `/education/${kind}/${id}/schools?$select=id`);
			const schools = await client.lists(
				{ tenantId },
				paths.map((path) => ({ method: 'GET', path })),
			);
			return objects.map((object, at) => {
				const schoolIds = ((schools[at] ?? []) as { id: string }[]).map(({ id }) => id).sort();
				return { ...withExternalId(object), schoolIds };
			});
		},
		async members(tenantId, classId, as) {
			const path = `/education/classes/${classId}/${as === 'teacher' ? 'teachers' : 'members'}?$select=id&$top=999`;
			return (await list(tenantId, path)).map(({ id }) => id);
		},
	};
}

/** A user has its SIS id by its role; what is null is not there. */
function withExternalId(object: Record<string, unknown> & { id: string }): Record<string, unknown> & { id: string } {
	const role = object[String(object.primaryRole)] as { externalId?: string } | undefined;
	const shown = withoutNulls(object) as typeof object;
	return role?.externalId === undefined ? shown : { ...shown, externalId: role.externalId };
}
