import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import type { WebHandler } from '../http/web-request.ts';
import { type IssuerKeys, signingAlgorithm } from './issuer-keys.ts';

export interface TokenIssuerOptions {
	keys: IssuerKeys;
	/** Where the issuer is mounted, without a trailing slash: `http://127.0.0.1:7071/dev-issuer`. */
	authority: string;
	now(): Date;
}

/** The tenant of the start screen; any other GUID is a tenant as well. */
export const developmentTenant = '5d3c1f6a-9b7e-4c21-8a54-2f0e6b1d7c90';

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** As for Entra's client-credentials tokens. */
const tokenLifetimeSeconds = 3600;
const defaultRole = 'EduAdministration.ReadWrite.All';
/** Client ids that get other roles than everybody else. */
const clientRoles: Record<string, string> = { reader: 'EduAdministration.Read.All' };

const metadataPath = /^\/([^/]+)\/v2\.0\/\.well-known\/openid-configuration$/;
const keysPath = /^\/([^/]+)\/discovery\/v2\.0\/keys$/;
const tokenPath = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;

/**
 * A stand-in for Microsoft Entra ID's v2.0 endpoints, for development only: metadata, signing keys and client-credentials
 * tokens, so that the app verifies real tokens and needs no bypass. Any `client_id` and `client_secret` will do.
 *
 * Form fields beyond Entra's: `dev_roles` (application roles instead of the default one, by spaces), `dev_scp` (delegated
 * scopes by spaces: makes the token a user's token) and `dev_wids` (that user's directory role template ids, by spaces).
 */
export function createTokenIssuer(options: TokenIssuerOptions): WebHandler {
	const { authority, keys } = options;
	const basePath = new URL(authority).pathname;
	return async (request) => {
		const path = new URL(request.url).pathname.slice(basePath.length);
		const keysTenant = keysPath.exec(path)?.[1];
		if (keysTenant === 'common' || isTenant(keysTenant)) return Response.json({ keys: [keys.publicJwk] });
		const metadataTenant = metadataPath.exec(path)?.[1];
		if (isTenant(metadataTenant)) return Response.json(metadata(authority, metadataTenant));
		const tokenTenant = tokenPath.exec(path)?.[1];
		if (isTenant(tokenTenant) && request.method === 'POST') return await answerToken(options, tokenTenant, request);
		if (metadataTenant ?? tokenTenant ?? keysTenant) {
			return failure('invalid_request', 'The tenant in the path must be a GUID, and a token is asked for by POST');
		}
		return new Response(null, { status: 404 });
	};
}

function isTenant(text: string | undefined): text is string {
	return text !== undefined && guidPattern.test(text);
}

function metadata(authority: string, tenant: string) {
	return {
		issuer: `${authority}/${tenant}/v2.0`,
		token_endpoint: `${authority}/${tenant}/oauth2/v2.0/token`,
		jwks_uri: `${authority}/${tenant}/discovery/v2.0/keys`,
		token_endpoint_auth_methods_supported: ['client_secret_post'],
		response_types_supported: ['token'],
		subject_types_supported: ['pairwise'],
		id_token_signing_alg_values_supported: [signingAlgorithm],
		scopes_supported: ['openid'],
	};
}

async function answerToken(options: TokenIssuerOptions, tenant: string, request: Request): Promise<Response> {
	const form = new URLSearchParams(await request.text());
	if (form.get('grant_type') !== 'client_credentials') {
		const present = form.get('grant_type') ?? '';
		return failure('unsupported_grant_type', `The grant_type is "${present}", and must be "client_credentials"`);
	}
	const clientId = form.get('client_id') ?? '';
	if (clientId === '' || !form.get('client_secret')) {
		return failure('invalid_client', 'The form must have a client_id and a client_secret; any values will do');
	}
	const scope = form.get('scope') ?? '';
	const audience = /^(?:api:\/\/)?(.+)\/\.default$/.exec(scope)?.[1];
	if (audience === undefined) {
		return failure('invalid_scope', `The scope is "${scope}", and must be "api://<audience>/.default"`);
	}
	const token = await signToken(options, { tenant, clientId, audience, form });
	return Response.json(
		{
			token_type: 'Bearer',
			expires_in: tokenLifetimeSeconds,
			ext_expires_in: tokenLifetimeSeconds,
			access_token: token,
		},
		{ headers: { 'cache-control': 'no-store' } },
	);
}

interface Subject {
	tenant: string;
	clientId: string;
	audience: string;
	form: URLSearchParams;
}

async function signToken({ keys, authority, now }: TokenIssuerOptions, subject: Subject): Promise<string> {
	const { tenant, clientId, audience, form } = subject;
	const seconds = Math.floor(now().getTime() / 1000);
	const scopes = form.get('dev_scp');
	const objectId = stableGuid(`${tenant}/${clientId}${scopes === null ? '' : '/user'}`);
	const roles = words(form.get('dev_roles')) ?? [clientRoles[clientId] ?? defaultRole];
	const rights =
		scopes === null ? { idtyp: 'app', roles } : { idtyp: 'user', scp: scopes, wids: words(form.get('dev_wids')) ?? [] };
	return await new SignJWT({ ver: '2.0', tid: tenant, oid: objectId, azp: clientId, azpacr: '1', ...rights })
		.setProtectedHeader({ alg: signingAlgorithm, typ: 'JWT', kid: keys.publicJwk.kid ?? '' })
		.setIssuer(`${authority}/${tenant}/v2.0`)
		.setAudience(audience)
		.setSubject(objectId)
		.setIssuedAt(seconds)
		.setNotBefore(seconds)
		.setExpirationTime(seconds + tokenLifetimeSeconds)
		.sign(keys.privateKey);
}

function words(text: string | null): string[] | undefined {
	return text === null ? undefined : text.split(' ').filter((word) => word !== '');
}

/** The same client is the same object in every run. */
function stableGuid(text: string): string {
	const hex = createHash('sha256').update(text).digest('hex');
	return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function failure(error: string, description: string): Response {
	return Response.json({ error, error_description: description }, { status: error === 'invalid_client' ? 401 : 400 });
}
