import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLoopbackServer } from '../telemetry/loopback-server.ts';

export interface Asked {
	method: string;
	/** From the version on. */
	path: string;
	body?: unknown;
	headers: Readonly<Record<string, unknown>>;
	/** How often this was asked before. */
	times: number;
	inBatch: boolean;
}

export interface Told {
	status: number;
	headers?: Record<string, string>;
	body?: unknown;
	/** The work is done, and the connection is cut before anybody hears of it. */
	isCut?: boolean;
	/** Nothing comes, ever. */
	hangs?: boolean;
}

/** A server that speaks Graph's batches and lets a test say what it answers to each request. */
export async function startGraphResponder(answer: (asked: Asked) => Told) {
	const log: Asked[] = [];
	/** Bodies of batches. */
	const batches: number[] = [];
	const times = new Map<string, number>();

	function told(asked: Omit<Asked, 'times'>): Told {
		const key = `${asked.method} ${asked.path}`;
		const before = times.get(key) ?? 0;
		times.set(key, before + 1);
		const whole = { ...asked, times: before };
		log.push(whole);
		return answer(whole);
	}

	async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const path = (request.url ?? '').replace(/^\/v1\.0/, '');
		const method = request.method ?? '';
		const body = await bodyOf(request);
		const whole = told({ method, path, body, headers: request.headers, inBatch: false });
		const items = (body as { requests?: BatchItem[] } | undefined)?.requests;
		if (path !== '/$batch' || !items || whole.status !== 200 || whole.isCut || whole.hangs) {
			say(response, whole);
			return;
		}
		batches.push(items.length);
		const responses = items.map(({ id, url, headers = {}, ...item }) => {
			const { status, headers: answered, body: itemBody } = told({ ...item, path: url, headers, inBatch: true });
			return { id, status, headers: answered ?? {}, body: itemBody };
		});
		say(response, { status: 200, body: { responses: responses.reverse() } });
	}

	const server = await startLoopbackServer((request, response) => void listen(request, response));
	return { ...server, log, batches };
}

interface BatchItem {
	id: string;
	method: string;
	url: string;
	headers?: Record<string, unknown>;
	body?: unknown;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	const text = Buffer.concat(chunks).toString();
	return text === '' ? undefined : JSON.parse(text);
}

function say(response: ServerResponse, { status, headers, body, isCut, hangs }: Told): void {
	if (hangs) return;
	if (isCut) response.destroy();
	else
		response
			.writeHead(status, { 'content-type': 'application/json', ...headers })
			.end(body === undefined ? '' : JSON.stringify(body));
}
