import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SecretClientOptions } from '@azure/keyvault-secrets';

/** The part of a key vault that keeps secrets, as its REST reference tells, and the managed identity that may use it. */
export interface VaultStandIn {
	uri: string;
	clientId: string;
	/** Leads the vault's client here. */
	options: SecretClientOptions;
	/** By name; those that are being deleted, were deleted or are being recovered too. */
	secrets: Map<string, KeptSecret>;
	stop(): Promise<void>;
}

interface KeptSecret {
	value: string;
	state: 'there' | 'deleting' | 'deleted' | 'recovering';
	/** So many requests still find it in this state. */
	looks: number;
}

type Answer = [status: number, body: object, headers?: Record<string, string>];

const uri = 'https://school.vault.azure.net';
const clientId = '33333333-3333-4333-8333-333333333333';
const identityHeader = 'only-this-process-knows';
const token = 'token-of-the-identity';
/** What was told shows a moment later. */
const looksUntilEffect = { deleting: 9, recovering: 1 };

export async function startVaultStandIn(): Promise<VaultStandIn> {
	const secrets: VaultStandIn['secrets'] = new Map();
	const server = createServer(async (request, response) => {
		const url = new URL(request.url ?? '', uri);
		const [status, body, headers] = url.pathname.startsWith('/msi/')
			? identityAnswer(request, url)
			: await vaultAnswer(secrets, request, url);
		response.writeHead(status, { 'content-type': 'application/json', connection: 'close', ...headers });
		response.end(JSON.stringify(body));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	Object.assign(process.env, { IDENTITY_ENDPOINT: `${origin}/msi/token`, IDENTITY_HEADER: identityHeader });
	return {
		uri,
		clientId,
		options: { additionalPolicies: [{ position: 'perRetry', policy: leadingTo(origin) }] },
		secrets,
		stop: () => new Promise((resolve) => server.close(() => resolve())),
	};
}

type Policy = NonNullable<SecretClientOptions['additionalPolicies']>[number]['policy'];

const leadingTo = (origin: string): Policy => ({
	name: 'leadToStandIn',
	async sendRequest(request, next) {
		const asked = request.url;
		Object.assign(request, { url: asked.replace(uri, origin), allowInsecureConnection: true });
		const response = await next(request);
		// The client compares what it asked with what it is told of the vault.
		request.url = asked;
		return response;
	},
});

/** https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
function identityAnswer({ headers }: IncomingMessage, { searchParams }: URL): Answer {
	const isRight =
		headers['x-identity-header'] === identityHeader &&
		searchParams.get('client_id') === clientId &&
		searchParams.get('resource') === 'https://vault.azure.net';
	if (!isRight) return [400, { message: 'There is no such identity.' }];
	const expires = String(Math.floor(Date.now() / 1000) + 3_600);
	return [200, { access_token: token, expires_on: expires, resource: 'https://vault.azure.net', token_type: 'Bearer' }];
}

/** https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups and https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
async function vaultAnswer(
	secrets: VaultStandIn['secrets'],
	request: IncomingMessage,
	{ pathname }: URL,
): Promise<Answer> {
	const body = await text(request);
	if (request.headers.authorization !== `Bearer ${token}`) return unauthorized;
	const [, collection, name = '', action] = pathname.split('/');
	if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) return [400, errorBody('BadParameter')];
	const secret = secrets.get(name);
	if (secret) passTime(secret);
	const asked = `${request.method} ${collection}${action ? `/${action}` : ''}`;
	if (asked === 'PUT secrets') return put(secrets, name, JSON.parse(body).value);
	if (!secret) return [404, errorBody('SecretNotFound')];
	return obey(asked, name, secret);
}

const unauthorized: Answer = [
	401,
	{ error: { code: 'Unauthorized' } },
	{
		'www-authenticate':
			'Bearer authorization="https://login.microsoftonline.com/tenant", resource="https://vault.azure.net"',
	},
];

function passTime(secret: KeptSecret): void {
	if (secret.looks-- > 0) return;
	if (secret.state === 'deleting') secret.state = 'deleted';
	if (secret.state === 'recovering') secret.state = 'there';
}

function put(secrets: VaultStandIn['secrets'], name: string, value: string): Answer {
	if ((secrets.get(name)?.state ?? 'there') !== 'there') return [409, errorBody('Conflict')];
	const secret: KeptSecret = { value, state: 'there', looks: 0 };
	secrets.set(name, secret);
	return [200, bundle(name, secret)];
}

function obey(asked: string, name: string, secret: KeptSecret): Answer {
	const begin = (state: keyof typeof looksUntilEffect, extra: object = {}): Answer => {
		Object.assign(secret, { state, looks: looksUntilEffect[state] });
		return [200, { ...bundle(name, secret), ...extra }];
	};
	const isThere = secret.state === 'there';
	const isDeleted = secret.state === 'deleted';
	if (asked === 'GET secrets') return isThere ? [200, bundle(name, secret)] : [404, errorBody('SecretNotFound')];
	if (asked === 'DELETE secrets')
		return isThere ? begin('deleting', { recoveryId: `${uri}/deletedsecrets/${name}` }) : [409, errorBody('Conflict')];
	if (asked === 'GET deletedsecrets')
		return isDeleted ? [200, bundle(name, secret)] : [404, errorBody('SecretNotFound')];
	if (asked === 'POST deletedsecrets/recover')
		return isDeleted ? begin('recovering') : [secret.state === 'deleting' ? 409 : 404, errorBody('Conflict')];
	return [405, errorBody('MethodNotAllowed')];
}

const errorBody = (code: string) => ({ error: { code, message: `The vault answers ${code}.` } });

const bundle = (name: string, { value }: KeptSecret) => ({
	id: `${uri}/secrets/${name}/1`,
	value,
	attributes: { enabled: true },
});
