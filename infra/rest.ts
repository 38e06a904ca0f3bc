import { setTimeout as pause } from 'node:timers/promises';

/** A JSON API of Microsoft's, as whoever is signed in. */
export interface Rest {
	/** Undefined for what is not there. */
	get(path: string): Promise<Body | undefined>;
	post(path: string, body?: object): Promise<Body>;
	put(path: string, body: object): Promise<Body>;
	patch(path: string, body: object): Promise<Body>;
	sleep(milliseconds: number): Promise<void>;
}

export type Body = Record<string, unknown>;

export interface RestOptions {
	/** Whose answer it is, in errors. */
	name: string;
	endpoint: string;
	/** What names another endpoint. */
	setting: string;
	/** What a refusal is to be met with. */
	needs: string;
	/** Statuses beside 429 and those of a broken server that pass by themselves. */
	passing?: readonly number[];
	token: () => Promise<string>;
	sleep?: (milliseconds: number) => Promise<unknown>;
}

/** The API said no, or was busy however often it was asked. */
export class RestError extends Error {
	readonly status: number;
	constructor(message: string, status: number) {
		super(message);
		this.status = status;
	}
}

const attempts = 8;
const longestWaitMs = 60_000;

/** Throws `RestError` for refusals; no message has a token or the key of a webhook. */
export function restClient(options: RestOptions): Rest {
	const { endpoint, setting, token, sleep = pause, passing = [] } = options;
	requireSecure(endpoint, setting);
	const base = endpoint.replace(/\/+$/, '');

	/** Busy and broken answers are waited for. */
	async function send(method: string, path: string, body?: object): Promise<Response> {
		for (let attempt = 1; ; attempt++) {
			const response = await reach(`${base}${path}`, {
				method,
				headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
				...(body ? { body: JSON.stringify(body) } : {}),
			});
			const mayPass = response.status === 429 || response.status >= 500 || passing.includes(response.status);
			if (!mayPass || attempt === attempts) return response;
			await response.body?.cancel();
			const seconds = Number(response.headers.get('retry-after') ?? 2 ** attempt);
			await sleep(Math.min(Number.isFinite(seconds) ? seconds * 1000 : 2 ** attempt * 1000, longestWaitMs));
		}
	}

	async function read(response: Response, action: string): Promise<Body> {
		const body = (await response.json().catch(() => ({}))) as Body;
		if (response.ok) return body;
		const { code = 'no code', message = '' } = (body.error ?? body) as { code?: string; message?: string };
		const cure = response.status === 403 ? ` ${options.needs}` : '';
		const said = `Cannot ${action.replace(/\?.*/, '')}: ${options.name} answers ${response.status} (${code}). ${message}`;
		throw new RestError(`${withoutKeys(said).trim()}${cure}`, response.status);
	}

	return {
		async get(path) {
			const response = await send('GET', path);
			if (response.status !== 404) return read(response, `read ${path}`);
			await response.body?.cancel();
			return undefined;
		},
		post: async (path, body) => read(await send('POST', path, body), `post to ${path}`),
		put: async (path, body) => read(await send('PUT', path, body), `write ${path}`),
		patch: async (path, body) => read(await send('PATCH', path, body), `change ${path}`),
		async sleep(milliseconds) {
			await sleep(milliseconds);
		},
	};
}

/** A token goes out by https alone, or to this machine. */
function requireSecure(endpoint: string, setting: string): void {
	const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
	const isLoopback = url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
	if (url?.protocol !== 'https:' && !isLoopback)
		throw new Error(`Cannot send a token to "${endpoint}": ${setting} must be an https URL.`);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(url, init);
	} catch (error) {
		const { code } = ((error as Error).cause ?? {}) as { code?: string };
		const why = code ?? (error as Error).message;
		throw new Error(`Cannot reach ${new URL(url).origin} (${why}). Look at the network, then repeat this.`);
	}
}

/** The key of a webhook stands in its address, which Azure's own words may repeat. */
const withoutKeys = (text: string): string => text.replace(/([?&]code=)[^\s&"'<>)]+/gi, '$1…');

/** Whoever is signed in at azd, or else at az. */
export async function signedIn(endpoint: string): Promise<() => Promise<string>> {
	const { AzureCliCredential, AzureDeveloperCliCredential, ChainedTokenCredential } = await import('@azure/identity');
	const credential = new ChainedTokenCredential(new AzureDeveloperCliCredential(), new AzureCliCredential());
	return async () => (await credential.getToken(`${endpoint.replace(/\/+$/, '')}/.default`)).token;
}
