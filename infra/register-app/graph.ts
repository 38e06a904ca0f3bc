import { reach, requireSecure } from '../endpoint.ts';

/** As much of Microsoft Graph as an app registration needs. https://learn.microsoft.com/graph/api/resources/application */
export interface Graph {
	/** Undefined for what is not there. */
	get(path: string): Promise<Entity | undefined>;
	post(path: string, body: object): Promise<Entity>;
	patch(path: string, body: object): Promise<void>;
}

export type Entity = Record<string, unknown> & { id: string };

export function graph({ endpoint, token }: { endpoint: string; token: () => Promise<string> }): Graph {
	requireSecure(endpoint, 'GRAPH_ENDPOINT');
	async function send(method: string, path: string, body?: object): Promise<Response> {
		return reach(`${endpoint.replace(/\/+$/, '')}/v1.0${path}`, {
			method,
			headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
			...(body ? { body: JSON.stringify(body) } : {}),
		});
	}

	async function read(response: Response, action: string): Promise<Entity> {
		const body = await response.json().catch(() => ({}));
		if (response.ok) return body as Entity;
		const { code = 'no code', message = '' } = (body as { error?: { code?: string; message?: string } }).error ?? {};
		const cure = response.status === 403 ? ' It takes the directory role Application Developer or Administrator.' : '';
		throw new Error(`Cannot ${action}: Microsoft Graph answers ${response.status} (${code}). ${message}${cure}`);
	}

	return {
		async get(path) {
			const response = await send('GET', path);
			if (response.status !== 404) return read(response, `read ${path}`);
			await response.body?.cancel();
			return undefined;
		},
		post: async (path, body) => read(await send('POST', path, body), `write ${path}`),
		async patch(path, body) {
			await read(await send('PATCH', path, body), `change ${path}`);
		},
	};
}
