import { z } from 'zod';
import { CannotRunError } from '../cannot-run.ts';
import type { Clock } from '../clock.ts';
import type { SendRequest } from './send-request.ts';

export interface AccessToken {
	value: string;
	expiresAtMs: number;
}

/** `isRejected` says that the service refused the token given last, so that it is not given again. */
export type TokenSource = (isRejected?: boolean) => Promise<string>;

/** A token is replaced this long before it expires, or for short-lived ones after three quarters of their life. */
const maxMarginMs = 5 * 60_000;

/** Asks for a token when the one at hand is about to expire. */
export function createTokenSource(requestToken: () => Promise<AccessToken>, clock: Clock): TokenSource {
	let current: { token: AccessToken; renewAtMs: number } | undefined;
	return async (isRejected = false) => {
		if (!current || isRejected || clock.nowMs() >= current.renewAtMs) {
			const token = await requestToken();
			const marginMs = Math.min(maxMarginMs, (token.expiresAtMs - clock.nowMs()) / 4);
			current = { token, renewAtMs: token.expiresAtMs - marginMs };
		}
		return current.token.value;
	};
}

/** A token that the user supplied: used as it is, and once it is refused there is no other. */
export function fixedToken(value: string): TokenSource {
	return async (isRejected = false) => {
		if (isRejected) {
			throw new CannotRunError(
				'The service refused the access token (401): it has expired, or was made for another service. Get a new one and run the command again.',
			);
		}
		return value;
	};
}

export interface LocalIssuer {
	authority: string;
	tenantId: string;
	audience: string;
}

const tokenAnswer = z.looseObject({ access_token: z.string().min(1), expires_in: z.coerce.number().default(3600) });

/** Asks the development issuer of the embedded service, which knows no secrets, in the way that Entra is asked. */
export async function requestLocalToken(issuer: LocalIssuer, send: SendRequest, clock: Clock): Promise<AccessToken> {
	const response = await send({
		method: 'POST',
		url: `${issuer.authority}/${issuer.tenantId}/oauth2/v2.0/token`,
		body: new URLSearchParams({
			grant_type: 'client_credentials',
			client_id: 'school-data-sync-cli',
			client_secret: 'none',
			scope: `${issuer.audience}/.default`,
		}),
	});
	const answer = tokenAnswer.safeParse(await response.json().catch(() => undefined));
	if (!response.ok || !answer.success) {
		throw new CannotRunError(
			`Cannot get an access token from the embedded service: its issuer answered ${response.status}. Run the command again; if it stays so, try another --data folder.`,
		);
	}
	return { value: answer.data.access_token, expiresAtMs: clock.nowMs() + answer.data.expires_in * 1000 };
}

/** Signs in as Azure tools do: environment, managed identity, Azure CLI and others, in that order. */
export function createAzureTokenRequest(scope: string, signal: AbortSignal): () => Promise<AccessToken> {
	return async () => {
		// The package takes longer to load than most syncs of a small school take.
		const { DefaultAzureCredential } = await import('@azure/identity');
		try {
			const token = await new DefaultAzureCredential().getToken(scope, { abortSignal: signal });
			return { value: token.token, expiresAtMs: token.expiresOnTimestamp };
		} catch (error) {
			signal.throwIfAborted();
			throw new CannotRunError(
				`Cannot get an access token for "${scope}" from Azure: sign in with "az login" and make sure that your account may use that application.`,
				{ cause: error },
			);
		}
	};
}
