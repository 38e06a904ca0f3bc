import { firstTenant, type TestHost } from '../hosts/test-host.ts';

/** Any JSON object of the API: tests look only at what they are about. */
export type Json = { [name: string]: unknown };

export interface Answer {
	status: number;
	headers: Headers;
	body: Json;
	text: string;
}

export interface GraphClient {
	/** What its requests are let in by. */
	authorization: string;
	get(path: string, headers?: Record<string, string>): Promise<Answer>;
	send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export const profilesPath = '/beta/education/synchronizationProfiles';

export async function tokenFor(host: TestHost, tenant = firstTenant, clientId = 'test-client'): Promise<string> {
	const response = await fetch(`${host.authority}/${tenant}/oauth2/v2.0/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: 'none',
			scope: `api://${host.audience}/.default`,
		}),
	});
	const { access_token: token } = (await response.json()) as { access_token?: string };
	if (!token) throw new Error(`The issuer answered ${response.status} without a token.`);
	return token;
}

/** Plain HTTP with a bearer token, as curl would do it. */
export function graphClient(host: TestHost, token: string): GraphClient {
	async function call(
		method: string,
		path: string,
		init: { body?: unknown; headers?: Record<string, string> },
	): Promise<Answer> {
		const send = () =>
			fetch(path.startsWith('http') ? path : `${host.url}${path}`, {
				method,
				headers: {
					authorization: `Bearer ${token}`,
					...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
					...init.headers,
				},
				...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
			});
		// A connection that was kept may be closed just when it is used again; what only reads may be asked once more.
		const response = await send().catch((error) => {
			if (method !== 'GET' && method !== 'HEAD') throw error;
			return send();
		});
		const text = await response.text();
		return { status: response.status, headers: response.headers, text, body: parseObject(text) };
	}
	return {
		authorization: `Bearer ${token}`,
		get: (path, headers = {}) => call('GET', path, { headers }),
		send: (method, path, body, headers = {}) => call(method, path, { body, headers }),
	};
}

function parseObject(text: string): Json {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return {};
	}
}

/** Follows every next link. */
export async function collect(client: GraphClient, path: string): Promise<Json[]> {
	const items: Json[] = [];
	for (let next: string | undefined = path; next; ) {
		const answer: Answer = await client.get(next);
		if (answer.status !== 200) throw new Error(`GET ${next} answered ${answer.status}: ${answer.text}`);
		items.push(...(answer.body.value as Json[]));
		next = answer.body['@odata.nextLink'] as string | undefined;
	}
	return items;
}

/** Asks again until `accept` holds; fails with what it saw last when the test's own limit comes. */
export async function poll<T>(ask: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
	for (;;) {
		const value = await ask();
		if (accept(value)) return value;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}
