import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TableClient } from '@azure/data-tables';
import { listen } from '../http/http-listener.ts';
import { readBody } from '../http/request-body.ts';
import { type ChangeLog, forgetfulLog, openChangeLog } from './change-log.ts';
import { answerBatch } from './graph-batch.ts';
import { createCounters, type GraphCounts } from './graph-counters.ts';
import { GraphError, graphErrors } from './graph-errors.ts';
import { errorAnswer, type GraphAnswer, type GraphRequest, parseTarget } from './graph-request.ts';
import { answerRequest, type GraphParts } from './graph-service.ts';
import { callerOf, createTokenSource, type VerifyToken } from './graph-tokens.ts';
import { createFaultSource, type Faults } from './limits/faults.ts';
import { createQuotas, documentedQuotas, noQuotas, type QuotaOptions } from './limits/quotas.ts';
import { createReplicas, immediateReplication, type Replication } from './limits/replicas.ts';
import { createDirectory, type Directory } from './model/directory.ts';
import type { Change } from './model/directory-object.ts';
import type { TenantSettings } from './resources/resource-context.ts';

export interface GraphServerOptions {
	/** A free port if absent. */
	port?: number;
	/** Of every tenant; what is absent is as in `usualTenant`. */
	tenant?: Partial<TenantSettings>;
	/** Application permissions that an administrator has granted, for the tokens of the server's own. */
	permissions?: readonly string[];
	/** Instead of those tokens. */
	verify?: VerifyToken;
	/** Keeps the directory in a table there; without it, it ends with the server. */
	storage?: { connectionString: string; tableName: string };
	/** The documented ones if absent. */
	quotas?: Partial<QuotaOptions> | 'none';
	replication?: Replication;
	faults?: Faults;
	/** Waited for before each HTTP answer, as for the way to Graph and back. */
	latency?(): Promise<void>;
	/** Milliseconds since 1970; quotas, replication and tokens go by it, and `Retry-After` is in its seconds. */
	nowMs?(): number;
}

export interface GraphServer {
	/** `http://127.0.0.1:<port>`; the version comes behind it, and tokens are at `/{tenant}/oauth2/v2.0/token`. */
	url: string;
	counts(): GraphCounts;
	setFaults(faults: Faults): void;
	/** Changes the directory as somebody else would, past all rules: for what was there before. */
	change(tenantId: string, changes: readonly Change[]): Promise<void>;
	stop(): Promise<void>;
}

export const usualTenant: TenantSettings = {
	displayName: 'Contoso Schools',
	countryLetterCode: 'US',
	verifiedDomains: ['contoso.example'],
	skus: [],
	objectQuota: 300_000,
	packsAdministrativeUnits: false,
};

/** What a sync needs in all of its modes. */
export const usualPermissions: readonly string[] = [
	'EduRoster.ReadWrite.All',
	'Member.Read.Hidden',
	'User.ReadWrite.All',
	'Group.ReadWrite.All',
	'AdministrativeUnit.ReadWrite.All',
	'LicenseAssignment.ReadWrite.All',
	'Organization.Read.All',
];

/** A clock that runs `factor` times as fast as the real one, from now on. */
export function fastClock(factor: number): () => number {
	const start = Date.now();
	return () => start + (Date.now() - start) * factor;
}

/**
 * Microsoft Graph v1.0 as far as a roster needs it, with a directory of its own for each tenant: to run against, in
 * development, in tests and in benchmarks. It refuses what Graph is documented to refuse.
 */
export async function startGraphServer(options: GraphServerOptions = {}): Promise<GraphServer> {
	const nowMs = options.nowMs ?? Date.now;
	const { directoryOf, log } = await openDirectories(options.storage);
	const listener = await listen(options.port ?? 0);
	const tokens = createTokenSource(options.permissions ?? usualPermissions, nowMs);
	const commit = (tenantId: string, change: Change) => {
		directoryOf(tenantId).apply(change);
		log.append({ tenantId, change });
	};
	const parts: GraphParts = {
		directoryOf,
		commit,
		settings: { ...usualTenant, ...options.tenant },
		quotas: options.quotas === 'none' ? noQuotas : createQuotas({ ...documentedQuotas, ...options.quotas }),
		faults: createFaultSource(options.faults ?? {}),
		replicas: createReplicas(options.replication ?? immediateReplication),
		counters: createCounters(),
		nowMs,
		baseUrl: `${listener.origin}/v1.0`,
	};
	const { verify = tokens.verify, latency = async () => {} } = options;
	const server = { parts, log, tokens, verify, latency };
	listener.serve((request, response) => void serve(server, request, response));
	return {
		url: listener.origin,
		counts: parts.counters.read,
		setFaults: parts.faults.change,
		async change(tenantId, changes) {
			for (const change of changes) commit(tenantId, change);
			await log.stored();
		},
		async stop() {
			await listener.close(stopGraceMs);
			await log.stored();
		},
	};
}

const stopGraceMs = 1000;

async function openDirectories(storage: GraphServerOptions['storage']) {
	const directories = new Map<string, Directory>();
	function directoryOf(tenantId: string): Directory {
		const directory = directories.get(tenantId) ?? createDirectory();
		directories.set(tenantId, directory);
		return directory;
	}
	if (!storage) return { directoryOf, log: forgetfulLog };
	const table = TableClient.fromConnectionString(storage.connectionString, storage.tableName, {
		allowInsecureConnection: true,
	});
	const log = await openChangeLog(table, ({ tenantId, change }) => directoryOf(tenantId).apply(change));
	return { directoryOf, log };
}

interface Serving {
	parts: GraphParts;
	log: ChangeLog;
	tokens: ReturnType<typeof createTokenSource>;
	verify: VerifyToken;
	latency(): Promise<void>;
}

async function serve(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { parts, log, latency } = serving;
	const answer = await answerHttp(serving, request).catch((error: unknown) =>
		errorAnswer(error instanceof GraphError ? error : graphErrors.internal(String(error)), new Date(parts.nowMs())),
	);
	try {
		await log.stored();
	} catch {
		return send(response, errorAnswer(graphErrors.unavailable(), new Date(parts.nowMs())));
	}
	await latency();
	if (parts.faults.isCut()) return void response.destroy();
	send(response, answer);
}

const tokenPath = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;

async function answerHttp({ parts, tokens, verify }: Serving, request: IncomingMessage): Promise<GraphAnswer> {
	const { method = 'GET', url = '/' } = request;
	const body = String(Buffer.from(await readBody(request)));
	const tenantId = tokenPath.exec(url)?.[1];
	if (tenantId !== undefined && method === 'POST') {
		parts.counters.count('tokens');
		return { ...tokens.issue(tenantId.toLowerCase(), new URLSearchParams(body)), headers: {} };
	}
	parts.counters.count('httpRequests');
	const caller = await callerOf(request.headers.authorization, verify);
	if (!url.startsWith('/v1.0/')) throw graphErrors.unknownPath(url);
	const graphRequest: GraphRequest = {
		...parseTarget(url.slice('/v1.0'.length)),
		method,
		headers: request.headers as Record<string, string>,
		body: parseJson(body),
		caller,
	};
	if (graphRequest.segments.join('/').toLowerCase() !== '$batch') return answerRequest(parts, graphRequest);
	parts.counters.count('batches');
	return answerBatch(parts, graphRequest);
}

function parseJson(text: string): unknown {
	if (text === '') return undefined;
	try {
		return JSON.parse(text);
	} catch {
		throw graphErrors.malformed('Unable to read JSON request payload.');
	}
}

function send(response: ServerResponse, { status, headers, body }: GraphAnswer): void {
	response.setHeader('request-id', randomUUID());
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
	if (body === undefined) {
		response.writeHead(status).end();
		return;
	}
	response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
