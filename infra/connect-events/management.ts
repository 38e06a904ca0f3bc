import { setTimeout as pause } from 'node:timers/promises';
import { reach, requireSecure, withoutKeys } from '../endpoint.ts';

/** Azure's management API, for one resource group. https://learn.microsoft.com/rest/api/azure/ */
export interface Management {
	/** The body, or undefined if there is nothing; throws `ManagementError` for a refusal. */
	get(resource: string, apiVersion: string): Promise<Body | undefined>;
	post(resource: string, apiVersion: string): Promise<Body>;
	put(resource: string, apiVersion: string, body: object): Promise<void>;
	sleep(milliseconds: number): Promise<void>;
}

export type Body = Record<string, unknown>;

export interface ManagementOptions {
	/** `https://management.azure.com`, or that of a national cloud. */
	endpoint: string;
	subscriptionId: string;
	resourceGroup: string;
	token: () => Promise<string>;
	sleep?: (milliseconds: number) => Promise<unknown>;
}

/** The management API said no, or nothing of use, however often it was asked. */
export class ManagementError extends Error {
	readonly status: number;
	constructor(message: string, status: number) {
		super(message);
		this.status = status;
	}
}

const attempts = 8;
const longestWaitMs = 60_000;

export function management({ endpoint, token, sleep = pause, ...of }: ManagementOptions): Management {
	requireSecure(endpoint, 'AZURE_MANAGEMENT_ENDPOINT');
	const group = `/subscriptions/${encodeURIComponent(of.subscriptionId)}/resourceGroups/${encodeURIComponent(of.resourceGroup)}/providers/`;

	/** Busy and broken answers are waited for; 409 is another operation on the same resource. */
	async function send(method: string, resource: string, apiVersion: string, body?: object): Promise<Response> {
		const url = `${endpoint.replace(/\/+$/, '')}${group}${resource}?api-version=${apiVersion}`;
		for (let attempt = 1; ; attempt++) {
			const response = await reach(url, {
				method,
				headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
				...(body ? { body: JSON.stringify(body) } : {}),
			});
			const mayPass = response.status === 409 || response.status === 429 || response.status >= 500;
			if (!mayPass || attempt === attempts) return response;
			await response.body?.cancel();
			const seconds = Number(response.headers.get('retry-after') ?? 2 ** attempt);
			await sleep(Math.min(Number.isFinite(seconds) ? seconds * 1000 : 2 ** attempt * 1000, longestWaitMs));
		}
	}

	async function read(response: Response, action: string): Promise<Body> {
		const text = await response.text();
		const body = parse(text);
		if (response.ok) return body;
		const { code = 'no code', message = '' } = (body.error ?? body) as { code?: string; message?: string };
		throw new ManagementError(
			withoutKeys(`Cannot ${action}: Azure answers ${response.status} (${code}). ${message}`).trim(),
			response.status,
		);
	}

	return {
		async get(resource, apiVersion) {
			const response = await send('GET', resource, apiVersion);
			if (response.status === 404) {
				await response.body?.cancel();
				return undefined;
			}
			return read(response, `read ${resource}`);
		},
		post: async (resource, apiVersion) => read(await send('POST', resource, apiVersion), `ask for ${resource}`),
		async put(resource, apiVersion, body) {
			await read(await send('PUT', resource, apiVersion, body), `write ${resource}`);
		},
		async sleep(milliseconds) {
			await sleep(milliseconds);
		},
	};
}

function parse(text: string): Body {
	try {
		return text === '' ? {} : JSON.parse(text);
	} catch {
		return {};
	}
}
