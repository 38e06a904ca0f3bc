import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

export interface IssuerKeys {
	privateKey: CryptoKey;
	/** The public half, as published. */
	publicJwk: JWK;
}

/** Microsoft Entra ID signs with RS256 only. */
export const signingAlgorithm = 'RS256';

/** A new private key as JSON, to be kept. */
export async function createIssuerJwk(): Promise<JWK> {
	const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
	return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: signingAlgorithm, use: 'sig' };
}

export async function readIssuerKeys(jwk: JWK): Promise<IssuerKeys> {
	const { kty, n, e, kid, alg, use } = jwk;
	const privateKey = (await importJWK(jwk, signingAlgorithm)) as CryptoKey;
	return { privateKey, publicJwk: { kty, n, e, kid, alg, use } as JWK };
}
