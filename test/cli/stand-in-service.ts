import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Record<string, unknown>;

/** What a test wants the service to do; every member may be changed while the service runs. */
export interface StandInScript {
	/** How often a new profile still answers "provisioning". */
	provisioningPolls: number;
	provisioningFailure?: string;
	messages: Json[];
	/** The states of the next run, one per reading; the last one stays. */
	runStates: Json[];
	errors: Json[];
	status: Json;
	/** Of every run. */
	plan: Json;
	holds: Json[];
	/** Answers that come before any other: the first whose `match` is in "METHOD /path" is used up. */
	faults: { match: string; status: number; headers?: Record<string, string>; body?: unknown; onHit?: () => void }[];
	onUploaded?: (name: string) => void;
}

interface Reply {
	status: number;
	body?: unknown;
	headers?: Record<string, string>;
}

interface StandInRun {
	id: string;
	states: Json[];
}

const tenantId = '3f0c6a52-7a94-4b0e-9c57-0d5a8a0a9f11';
const errorPageSize = 50;

/** A small stateful stand-in of the synchronization API, its storage and its token issuer, on a free loopback port. */
export class StandInService {
	readonly script: StandInScript = {
		provisioningPolls: 0,
		messages: [],
		runStates: [finishedRun()],
		errors: [],
		status: { status: 'inProgress' },
		plan: { '@odata.etag': '"plan"', counts: {}, estimate: { writes: 0, seconds: 0 }, value: [] },
		holds: [],
		faults: [],
	};
	readonly requests: string[] = [];
	/** What was asked of each, behind the question mark. */
	readonly queries: string[] = [];
	readonly profiles: (Json & { id: string; polls: number })[] = [];
	readonly uploads = new Map<string, Buffer>();
	readonly runs: StandInRun[] = [];
	readonly tokens: string[] = [];
	/** Seconds until tokens of the issuer expire. */
	tokenLifetimeSeconds = 3600;
	stops = 0;
	url = '';
	readonly #server: Server;
	readonly #blocks = new Map<string, Buffer>();

	constructor() {
		this.#server = createServer((request, response) => {
			this.#answer(request)
				.then((reply) => send(response, reply))
				.catch((error: unknown) => response.writeHead(500).end(String(error)));
		});
	}

	async listen(): Promise<void> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	/** As `spawnHost` answers. */
	/** `ends` resolves as the embedded host does that ends by itself, after its last `words`. */
	asHost({ ends, words = '', losses = [] }: { ends?: Promise<number>; words?: string; losses?: string[] } = {}) {
		const stopped = Promise.withResolvers<number>();
		const stop = async () => {
			this.stops += 1;
			stopped.resolve(0);
		};
		const ended = Promise.race([stopped.promise, ...(ends ? [ends] : [])]);
		const address = { url: this.url, authority: `${this.url}/issuer`, tenantId, audience: 'stand-in' };
		return { ...address, losses, log: () => words, ended, stop };
	}

	addProfile(displayName: string, members: Json = {}): string {
		const id = `00000000-0000-4000-8000-${String(this.profiles.length + 1).padStart(12, '0')}`;
		this.profiles.push({
			displayName,
			state: 'provisioned',
			dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
			...members,
			id,
			polls: 0,
		});
		return id;
	}

	/** Newest first, as the API lists them. */
	beginRun(states: Json[] = this.script.runStates): string {
		const id = `run-${this.runs.length + 1}`;
		this.runs.unshift({ id, states: [...states] });
		return id;
	}

	count(part: string): number {
		return this.requests.filter((request) => request.includes(part)).length;
	}

	async #answer(request: IncomingMessage): Promise<Reply> {
		const url = new URL(request.url ?? '/', this.url);
		const line = `${request.method} ${url.pathname}`;
		const condition = request.headers['if-match'];
		this.requests.push(condition ? `${line} if ${condition}` : line);
		this.queries.push(url.search);
		const body = await readBody(request);
		const fault = this.script.faults.find(({ match }) => line.includes(match));
		if (fault) {
			this.script.faults.splice(this.script.faults.indexOf(fault), 1);
			fault.onHit?.();
			return { body: apiError('Fault', 'A fault was asked for.'), ...fault };
		}
		if (url.pathname.startsWith('/issuer/')) return this.#issueToken(body);
		if (url.pathname.startsWith('/storage/')) return this.#store(url, request, body);
		if (!this.tokens.includes(request.headers.authorization ?? '')) {
			return reply(401, apiError('InvalidAuthenticationToken', 'The token is not valid.'));
		}
		return this.#answerApi(url, line, body);
	}

	#issueToken(body: Buffer): Reply {
		const form = new URLSearchParams(body.toString());
		if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'stand-in/.default') {
			return reply(400, { error: 'invalid_request' });
		}
		this.tokens.push(`Bearer token-${this.tokens.length + 1}`);
		const access_token = `token-${this.tokens.length}`;
		return reply(200, { access_token, token_type: 'Bearer', expires_in: this.tokenLifetimeSeconds });
	}

	/** Put Blob, Put Block and Put Block List, as Azure Storage has them. */
	#store(url: URL, request: IncomingMessage, body: Buffer): Reply {
		const name = decodeURIComponent(url.pathname.split('/')[3] ?? '');
		if (request.method !== 'PUT' || url.searchParams.get('sig') !== 'secret-signature') return reply(403, {});
		if (url.searchParams.get('comp') === 'block') {
			this.#blocks.set(`${name} ${url.searchParams.get('blockid')}`, body);
			return { status: 201 };
		}
		if (url.searchParams.get('comp') === 'blocklist') {
			const ids = [...body.toString().matchAll(/<Latest>([^<]+)<\/Latest>/g)].map((match) => match[1]);
			this.uploads.set(name, Buffer.concat(ids.map((id) => this.#blocks.get(`${name} ${id}`) ?? Buffer.alloc(0))));
		} else {
			if (request.headers['x-ms-blob-type'] !== 'BlockBlob') return reply(400, {});
			this.uploads.set(name, body);
		}
		this.script.onUploaded?.(name);
		return { status: 201, headers: { etag: '"1"', 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' } };
	}

	#answerApi(url: URL, line: string, body: Buffer): Reply {
		const path = url.pathname.replace('/beta/education', '');
		const directory = /^\/(schools|classes|users)$/.exec(path);
		if (directory) return reply(200, { '@odata.count': 7, value: [{}], '@odata.nextLink': 'later' });
		if (line.endsWith('POST /beta/education/synchronizationProfiles')) return this.#create(body);
		if (path === '/synchronizationProfiles') return reply(200, { value: this.profiles });
		const [, , id, action = '', runId, part = ''] = path.split('/');
		const profile = this.profiles.find((candidate) => candidate.id === id);
		if (!profile) return reply(404, apiError('ResourceNotFound', `Profile "${id}" does not exist.`));
		const actions: Record<string, () => Reply> = {
			'': () => reply(200, this.#poll(profile)),
			uploadUrl: () => reply(200, { value: `${this.url}/storage/${id}?sv=2024-01-01&sig=secret-signature` }),
			start: () => (url.searchParams.get('dryRun') === 'true' ? this.#plan() : this.#start()),
			reset: () => {
				this.beginRun([finishedRun({ reason: 'reset' })]);
				return { status: 200 };
			},
			profileStatus: () => reply(200, { id, ...this.script.status }),
			errors: () => this.#listErrors(url),
			runs: () => (part === '' ? this.#answerRuns(runId) : this.#answerPart(part)),
		};
		return actions[action]?.() ?? { status: 404 };
	}

	#create(body: Buffer): Reply {
		const { provisioningPolls: polls } = this.script;
		const id = this.addProfile('', { ...JSON.parse(body.toString()), state: 'provisioning' });
		const profile = this.#find(id);
		profile.polls = polls;
		return reply(202, profile, { location: `${this.url}/beta/education/synchronizationProfiles/${id}` });
	}

	#find(id: string) {
		const profile = this.profiles.find((candidate) => candidate.id === id);
		if (!profile) throw new Error(`No profile ${id}`);
		return profile;
	}

	#poll(profile: Json & { polls: number }): Json {
		if (profile.state === 'provisioning' && profile.polls-- <= 0) {
			profile.state = this.script.provisioningFailure ? 'provisioningFailed' : 'provisioned';
		}
		return profile;
	}

	#start(): Reply {
		const refused = this.#refusal();
		if (refused) return refused;
		this.beginRun();
		return reply(200, { value: this.script.messages });
	}

	#plan(): Reply {
		const refused = this.#refusal();
		if (refused) return refused;
		return reply(200, { value: this.script.messages, runId: this.beginRun() });
	}

	#answerPart(part: string): Reply {
		if (part === 'plan') return reply(200, this.script.plan);
		if (part === 'undo') return reply(200, { runId: this.beginRun() });
		const etag = this.script.holds.length > 0 ? { '@odata.etag': '"held"' } : {};
		return reply(200, { ...etag, value: this.script.holds });
	}

	#refusal(): Reply | undefined {
		const { messages } = this.script;
		if (!messages.some(({ type }) => type === 'Error')) return undefined;
		this.beginRun([{ phase: 'verify', outcome: 'refused', rows: { school: 2, student: 10 } }]);
		return reply(400, { ...apiError('ValidationFailed', 'The files have errors.'), value: messages });
	}

	#listErrors(url: URL): Reply {
		const { errors } = this.script;
		const from = Number(url.searchParams.get('$skiptoken') ?? 0);
		const next = from + errorPageSize;
		const link = `${this.url}${url.pathname}?$skiptoken=${next}`;
		return reply(200, {
			'@odata.count': errors.length,
			value: errors.slice(from, next),
			...(next < errors.length ? { '@odata.nextLink': link } : {}),
		});
	}

	#answerRuns(runId: string | undefined): Reply {
		if (!runId) return reply(200, { value: this.runs.map(({ id, states }) => ({ id, ...states[0] })) });
		const run = this.runs.find(({ id }) => id === runId);
		if (!run) return reply(404, apiError('ResourceNotFound', 'no such run'));
		const state = run.states.length > 1 ? run.states.shift() : run.states[0];
		return reply(200, { id: run.id, ...state });
	}
}

export function finishedRun(members: Json = {}): Json {
	const same = { added: 0, changed: 0, removed: 0, unchanged: 0, failed: 0 };
	return {
		phase: 'finish',
		reason: 'start',
		outcome: 'success',
		progress: { done: 1, total: 1 },
		rows: { school: 2, student: 1200 },
		tallies: { school: { ...same, added: 2 }, student: { ...same, added: 1200 } },
		directoryWrites: 1202,
		errorCount: 0,
		...members,
	};
}

export function apiError(code: string, message: string): Json {
	return { error: { code, message } };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	return Buffer.concat(chunks);
}

function reply(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
	return { status, body, headers };
}

function send(response: ServerResponse, { status, body, headers = {} }: Reply): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
}
