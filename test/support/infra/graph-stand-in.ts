import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Body = Record<string, unknown>;

/** The registrations of a tenant, as Microsoft Graph keeps them: it replaces what a PATCH names, and takes no double name. */
export interface GraphStandIn {
	url: string;
	requests: string[];
	application: Body | undefined;
	principals: string[];
	credentials: Body[];
	/** Answers 403 to writes. */
	isReadOnly: boolean;
	stop(): Promise<void>;
}

export async function startGraphStandIn(): Promise<GraphStandIn> {
	const standIn: GraphStandIn = {
		url: '',
		requests: [],
		application: undefined,
		principals: [],
		credentials: [],
		isReadOnly: false,
		stop: () => new Promise((resolve) => server.close(() => resolve())),
	};

	async function answer(request: IncomingMessage): Promise<{ status: number; body?: Body }> {
		const path = decodeURIComponent(request.url ?? '').replace('/v1.0', '');
		const { method, headers } = request;
		standIn.requests.push(`${method} ${path}`);
		const sent = JSON.parse((await text(request)) || '{}') as Body;
		if (headers.authorization !== 'Bearer a-token') return failure(401, 'InvalidAuthenticationToken');
		if (method !== 'GET' && standIn.isReadOnly) return failure(403, 'Authorization_RequestDenied');
		const { application, principals, credentials } = standIn;
		if (`${method} ${path}` === 'POST /applications') {
			standIn.application = { id: randomUUID(), appId: randomUUID(), appRoles: [], identifierUris: [], ...sent };
			return { status: 201, body: standIn.application };
		}
		if (`${method} ${path}` === 'POST /servicePrincipals') {
			if (principals.includes(String(sent.appId))) return failure(409, 'Request_MultipleObjectsWithSameKeyValue');
			principals.push(String(sent.appId));
			return { status: 201, body: { id: randomUUID(), ...sent } };
		}
		if (path === `/applications(uniqueName='${application?.uniqueName}')`)
			return { status: 200, body: application as Body };
		if (path === `/servicePrincipals(appId='${application?.appId}')`)
			return principals.includes(String(application?.appId))
				? { status: 200, body: { id: 'a' } }
				: failure(404, 'Request_ResourceNotFound');
		if (`${method} ${path}` === `PATCH /applications/${application?.id}`) {
			for (const name of ['appRoles', 'identifierUris']) requireDistinct(sent[name]);
			Object.assign(application as Body, sent);
			return { status: 204 };
		}
		if (path === `/applications/${application?.id}/federatedIdentityCredentials`) {
			if (method === 'GET') return { status: 200, body: { value: credentials } };
			credentials.push(sent);
			return { status: 201, body: { id: 'c', ...sent } };
		}
		return failure(404, 'Request_ResourceNotFound');
	}

	const server = createServer((request, response) => {
		answer(request).then(({ status, body }) => {
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(body && JSON.stringify(body));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return standIn;
}

const failure = (status: number, code: string) => ({
	status,
	body: { error: { code, message: 'The stand-in says no.' } },
});

function requireDistinct(values: unknown): void {
	const names = ((values ?? []) as (string | { value: string })[]).map((each) =>
		typeof each === 'string' ? each : each.value,
	);
	if (new Set(names).size < names.length) throw new Error(`There are doubles among ${names.join(', ')}.`);
}
