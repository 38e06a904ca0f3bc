import type { TokenCredential } from '@azure/identity';
import type { TransportOptions } from './transport.ts';

/** A token that is about to end may have ended when it arrives. */
const spareMs = 5 * 60_000;

/** Tokens of an identity for Graph, each kept until shortly before it ends. The identity is made when somebody asks first. */
export function graphTokens(
	baseUrl: string,
	identityOf: (tenantId: string) => Promise<TokenCredential>,
): TransportOptions['getToken'] {
	const kept = new Map<string, { token: string; expiresOnTimestamp: number }>();
	return async (tenantId, isRefused) => {
		const known = kept.get(tenantId);
		if (known && !isRefused && known.expiresOnTimestamp - Date.now() > spareMs) return known.token;
		const identity = await identityOf(tenantId);
		const token = await identity.getToken(`${new URL(baseUrl).origin}/.default`, { tenantId });
		if (!token)
			throw new Error('Cannot reach the directory: there is no identity that has tokens for Microsoft Graph.');
		kept.set(tenantId, token);
		return token.token;
	};
}

/** Tokens of a stand-in for Graph on this machine, which gives them out itself, to anybody. */
export function developmentTokens(baseUrl: string): TransportOptions['getToken'] {
	const kept = new Map<string, string>();
	return async (tenantId, isRefused) => {
		const known = kept.get(tenantId);
		if (known !== undefined && !isRefused) return known;
		const scope = `${baseUrl}/.default`;
		const form = { grant_type: 'client_credentials', client_id: 'school-data-sync', client_secret: 'any', scope };
		const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/${tenantId}/oauth2/v2.0/token`, {
			method: 'POST',
			body: new URLSearchParams(form),
		});
		const { access_token: token } = (await response.json()) as { access_token?: string };
		if (token === undefined) throw new Error('Cannot reach the directory: the stand-in for Graph gives no token.');
		kept.set(tenantId, token);
		return token;
	};
}
