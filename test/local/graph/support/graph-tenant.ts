import { randomUUID } from 'node:crypto';
import type {
	EducationClass,
	EducationSchool,
	EducationUser,
	Entity,
	Group,
	User,
} from '@microsoft/microsoft-graph-types';
import { expect, onTestFinished } from 'vitest';
import {
	type GraphServer,
	type GraphServerOptions,
	startGraphServer,
} from '../../../../src/local/graph/graph-server.ts';

export interface Answer<T = unknown> {
	status: number;
	headers: Headers;
	body: T;
}

export interface ErrorBody {
	error: { code: string; message: string; details?: { code: string; target: string }[] };
}

export interface BatchRequest {
	method: string;
	url: string;
	body?: unknown;
	id?: string;
	dependsOn?: string[];
	headers?: Record<string, string>;
}

export interface BatchResponse {
	id: string;
	status: number;
	headers: Record<string, string>;
	body?: ErrorBody & Record<string, unknown>;
}

/** A server of its own, and one application in one tenant that asks it. */
export interface GraphTenant {
	server: GraphServer;
	tenantId: string;
	token: string;
	ask<T = Record<string, unknown>>(method: string, path: string, options?: AskOptions): Promise<Answer<T>>;
	/** In the order of the requests, whatever the order of the answers was. */
	batch(requests: readonly BatchRequest[]): Promise<BatchResponse[]>;
	makeUser(properties?: Partial<EducationUser>): Promise<EducationUser & { id: string }>;
	makeClass(properties?: Partial<EducationClass>): Promise<EducationClass & { id: string }>;
	makeSchool(properties?: Partial<EducationSchool>): Promise<EducationSchool & { id: string }>;
	makeGroup(properties?: Partial<Group> & Record<string, unknown>): Promise<Group & { id: string }>;
}

interface AskOptions {
	body?: unknown;
	headers?: Record<string, string>;
}

export async function startTenant(options: GraphServerOptions = {}): Promise<GraphTenant> {
	const server = await startGraphServer(options);
	onTestFinished(() => server.stop());
	return await connect(server);
}

export async function connect(server: GraphServer, tenantId: string = randomUUID()): Promise<GraphTenant> {
	const token = await fetchToken(server, tenantId);
	const ask: GraphTenant['ask'] = async (method, path, { body, headers = {} } = {}) => {
		const response = await fetch(`${server.url}/v1.0${path}`, {
			method,
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
	};
	const make = async <T extends Entity>(path: string, body: unknown) => {
		const answer = await ask<T>('POST', path, { body });
		expect(answer).toMatchObject({ status: 201 });
		return answer.body as T & { id: string };
	};
	return {
		server,
		tenantId,
		token,
		ask,
		async batch(requests) {
			const numbered = requests.map((request, at) => ({ id: String(at), ...request }));
			const answer = await ask<{ responses: BatchResponse[] }>('POST', '/$batch', {
				body: { requests: withTypes(numbered) },
			});
			expect(answer.status).toBe(200);
			return numbered.map(({ id }) => answer.body.responses.find((response) => response.id === id) as BatchResponse);
		},
		makeUser: (properties) => make('/education/users', newUser(properties)),
		makeClass: (properties) =>
			make('/education/classes', { displayName: 'Algebra', mailNickname: freshName(), ...properties }),
		makeSchool: (properties) => make('/education/schools', { displayName: 'Oak Hill', ...properties }),
		makeGroup: (properties) => make('/groups', newGroup(properties)),
	};
}

/** A body needs a content type in each request of a batch. */
function withTypes(requests: readonly BatchRequest[]) {
	return requests.map((request) =>
		request.body === undefined ? request : { headers: { 'Content-Type': 'application/json' }, ...request },
	);
}

export async function fetchToken(server: GraphServer, tenantId: string, clientId = 'sync'): Promise<string> {
	const response = await fetch(`${server.url}/${tenantId}/oauth2/v2.0/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: clientId,
			client_secret: 'any',
			scope: 'https://graph.microsoft.com/.default',
		}),
	});
	const { access_token } = (await response.json()) as { access_token: string };
	return access_token;
}

export function freshName(): string {
	return `n${randomUUID().replaceAll('-', '').slice(0, 12)}`;
}

export function newUser(properties: Partial<User> | Partial<EducationUser> = {}) {
	const name = freshName();
	return {
		accountEnabled: true,
		displayName: 'Ada Brook',
		mailNickname: name,
		userPrincipalName: `${name}@contoso.example`,
		passwordProfile: { password: 'Plain-Water-7', forceChangePasswordNextSignIn: true },
		...properties,
	};
}

export function newGroup(properties: Partial<Group> & Record<string, unknown> = {}) {
	return {
		displayName: 'Algebra',
		mailNickname: freshName(),
		groupTypes: ['Unified'],
		mailEnabled: true,
		securityEnabled: false,
		...properties,
	};
}

export function linkTo({ id }: { id: string }): string {
	return `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;
}

export function reference(object: { id: string }) {
	return { '@odata.id': linkTo(object) };
}

/** The shape of a refusal, for `toMatchObject`. */
export function refusal(status: number, code: string, detail?: { code: string; target: string }) {
	return { status, body: { error: { code, ...(detail ? { details: [detail] } : {}) } } };
}
