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
