import type { InvocationContext } from '@azure/functions';
import { createRemoteJWKSet, type JWTVerifyResult, errors as joseErrors, jwtVerify } from 'jose';
import { z } from 'zod';
import { SyncApiError } from '../../domain/errors.ts';
import type { PublicAddress } from './public-address.ts';

/** Who calls, taken from a verified token and from nowhere else. */
export interface Caller {
	tenantId: string;
	/** Object id of the user or service principal. */
	actorId: string;
	/** Client id of the calling application, if the token names it. */
	appId?: string;
	permissions: ReadonlySet<Permission>;
}

export type Permission = 'read' | 'write';

export interface AccessSettings {
	authority: string;
	audience: string;
	tenants: readonly string[];
	/** Role template ids; a user must hold one of them. */
	adminRoles: readonly string[];
}

export interface Access {
	/** Throws `SyncApiError`: 401 for a missing or bad token, 403 for a tenant that is not onboarded, 503 without keys. */
	authenticate(authorization: string | null): Promise<Caller>;
}

/** What stands before every operation: who may come in, and under which address the service is known. */
export interface FrontDoor extends Access {
	/** That of the request if it is not given. */
	addressOf?: PublicAddress;
	/** What an invocation has begun to record of who did what; an answer waits for it. */
	recorded?: (context: InvocationContext) => Promise<void>;
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

const clockToleranceSeconds = 60;
/** The issuer's keys must come quickly, or the caller had better try again. */
const keysTimeoutMs = 5_000;

const claims = z.object({
	ver: z.enum(['1.0', '2.0']),
	tid: z.guid(),
	oid: z.string().min(1),
	iss: z.string(),
	/** The calling application in version 2.0, and in version 1.0. */
	azp: z.string().optional(),
	appid: z.string().optional(),
	sub: z.string().optional(),
	idtyp: z.string().optional(),
	scp: z.string().optional(),
	roles: z.array(z.string()).optional(),
	/** Directory roles of a user, by template id. */
	wids: z.array(z.string()).optional(),
});

/** What each scope (delegated) or role (application) of Graph allows here. */
const delegatedScopes: Readonly<Record<string, readonly Permission[]>> = {
	'EduAdministration.Read': ['read'],
	'EduAdministration.Read.All': ['read'],
	'EduAdministration.ReadWrite': ['read', 'write'],
	'EduAdministration.ReadWrite.All': ['read', 'write'],
};

const applicationRoles: Readonly<Record<string, readonly Permission[]>> = {
	'EduAdministration.Read.All': ['read'],
	'EduAdministration.ReadWrite.All': ['read', 'write'],
};

/**
 * The rules of https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens for tokens of both versions: which
 * of them an app registration hands out is its `requestedAccessTokenVersion`, and it is 1.0 unless somebody says otherwise.
 */
export function createAccess({ authority, audience, tenants, adminRoles }: AccessSettings): Access {
	const admins = new Set(adminRoles.map((role) => role.toLowerCase()));
	const onboarded = new Set(tenants.map((tenant) => tenant.toLowerCase()));
	const keys = createRemoteJWKSet(new URL(`${authority}/common/discovery/v2.0/keys`), {
		timeoutDuration: keysTimeoutMs,
	});
	return {
		async authenticate(authorization) {
			const { payload, protectedHeader } = await verify(bearerToken(authorization), keys, audience);
			const token = claims.safeParse(payload);
			if (!token.success)
				throw invalidToken('it is not an access token of version 1.0 or 2.0 with tenant and object id');
			const { ver, tid, iss } = token.data;
			const issuers = issuersOf(authority, tid);
			// A key says version 2.0 of its tenant even where it signs tokens of version 1.0, whose key sets name no issuers.
			const keyIssuer = keyOwner(keys, protectedHeader.kid)?.replace('{tenantid}', tid) ?? issuers['2.0'];
			if (iss !== issuers[ver] || (keyIssuer !== issuers['2.0'] && keyIssuer !== iss))
				throw invalidToken('its issuer is not the one of its tenant and version');
			const tenantId = tid.toLowerCase();
			if (!onboarded.has(tenantId)) throw forbidden('The tenant of this token is not onboarded to this service.');
			const { oid: actorId } = token.data;
			const appId = ver === '1.0' ? token.data.appid : token.data.azp;
			return { tenantId, actorId, ...(appId ? { appId } : {}), permissions: permissionsOf(token.data, admins) };
		},
	};
}

/**
 * Version 1.0 has one issuer for all authorities but those of China: the keys of ours decide who may use its name, so that a
 * development issuer needs no other.
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference#payload-claims
 */
function issuersOf(authority: string, tenantId: string): Record<Claims['ver'], string> {
	const isChina = new URL(authority).hostname.endsWith('.microsoftonline.cn');
	const host = isChina ? 'sts.chinacloudapi.cn' : 'sts.windows.net';
	return { '1.0': `https://${host}/${tenantId}/`, '2.0': `${authority}/${tenantId}/v2.0` };
}

function bearerToken(authorization: string | null): string {
	const token = /^Bearer ([\w~+/=.-]+)$/i.exec(authorization?.trim() ?? '')?.[1];
	if (token) return token;
	throw new SyncApiError(
		'InvalidAuthenticationToken',
		'Access token is empty. Send the header "Authorization: Bearer <token>".',
		{
			headers: { 'WWW-Authenticate': 'Bearer' },
		},
	);
}

async function verify(token: string, keys: KeySet, audience: string): Promise<JWTVerifyResult> {
	try {
		return await jwtVerify(token, keys, {
			algorithms: ['RS256'],
			audience: [audience, `api://${audience}`],
			typ: 'JWT',
			clockTolerance: clockToleranceSeconds,
			requiredClaims: ['exp', 'iss', 'aud', 'tid', 'oid'],
		});
	} catch (error) {
		throw tokenProblem(error);
	}
}

/**
 * The key set is that of all tenants, where a key may be meant for the tokens of one issuer only; undefined if it is not.
 * https://learn.microsoft.com/entra/identity-platform/claims-validation
 */
function keyOwner(keys: KeySet, keyId: string | undefined): string | undefined {
	const key = keys.jwks()?.keys.find(({ kid }) => kid === keyId);
	return key && 'issuer' in key && typeof key.issuer === 'string' ? key.issuer : undefined;
}

/** The key set could not be fetched, or is none. */
const keySetTroubles: ReadonlySet<string> = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

/** Without the issuer's keys nothing is known of the token: that is our trouble, not the caller's. */
function tokenProblem(error: unknown): SyncApiError {
	if (error instanceof joseErrors.JWTExpired) return invalidToken('it has expired');
	if (error instanceof joseErrors.JWTClaimValidationFailed)
		return invalidToken(`its claim "${error.claim}" is not the one expected`);
	const isAboutToken = error instanceof joseErrors.JOSEError && !keySetTroubles.has(error.code);
	if (isAboutToken) return invalidToken('its signature or form is not valid');
	return new SyncApiError('ServiceUnavailable', 'The keys of the token issuer cannot be read just now. Try again.', {
		headers: { 'Retry-After': '10' },
	});
}

function invalidToken(reason: string): SyncApiError {
	return new SyncApiError(
		'InvalidAuthenticationToken',
		`The access token is refused: ${reason}. Get a new token for this service.`,
		{
			headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
		},
	);
}

function forbidden(message: string): SyncApiError {
	return new SyncApiError('Forbidden', message, {
		headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
	});
}

/**
 * Scopes count for users and roles for applications; a user's roles, and a sign-in (ID) token that has some, never count. Where
 * the token does not say what it is, an application is known by being its own subject.
 */
function permissionsOf(token: Claims, admins: ReadonlySet<string>): ReadonlySet<Permission> {
	const isOwnSubject = token.scp === undefined && token.sub === token.oid;
	const isApplication = token.idtyp === undefined ? isOwnSubject : token.idtyp === 'app';
	if (!isApplication && !isAdmin(token, admins)) return new Set();
	const granted = isApplication ? (token.roles ?? []) : (token.scp ?? '').split(' ');
	const table = isApplication ? applicationRoles : delegatedScopes;
	return new Set(granted.flatMap((name) => (Object.hasOwn(table, name) ? (table[name] ?? []) : [])));
}

type Claims = z.infer<typeof claims>;

/** The app role by which an administrator of this service is named without a role in the directory. */
const adminAppRole = 'EduAdministration.Admin';

/** As in Graph, a scope alone makes nobody an administrator: whoever consents to it could otherwise change the school's data. */
function isAdmin({ wids = [], roles = [] }: Claims, admins: ReadonlySet<string>): boolean {
	return wids.some((role) => admins.has(role.toLowerCase())) || roles.includes(adminAppRole);
}

/** Throws `SyncApiError` (403) unless the caller may. */
export function requirePermission(caller: Caller, permission: Permission): void {
	if (caller.permissions.has(permission)) return;
	const needed =
		permission === 'read'
			? 'EduAdministration.Read or EduAdministration.ReadWrite (delegated), or EduAdministration.Read.All or EduAdministration.ReadWrite.All (application)'
			: 'EduAdministration.ReadWrite (delegated) or EduAdministration.ReadWrite.All (application)';
	throw forbidden(
		`Insufficient privileges to complete the operation: it needs ${needed}. A user must also hold a directory role of this service, by default Global Administrator, or its app role ${adminAppRole}.`,
	);
}
