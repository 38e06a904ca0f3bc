import type { ClientCommands } from '../engine/client-commands.ts';
import type { ClientAddress } from './client-input.ts';

interface ApiRequest {
	method: string;
	/** Below the mount, without a leading slash; still encoded. */
	path: string;
	query: URLSearchParams;
	headers: Headers;
	body: string;
}

export interface ApiResponse {
	status: number;
	headers?: Record<string, string>;
	/** Sent as JSON. */
	body?: unknown;
}

/** What a route works with. */
export interface ApiContext {
	commands: ClientCommands;
	address: ClientAddress;
	request: ApiRequest;
}
