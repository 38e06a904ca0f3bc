import {
	createAzureTokenRequest,
	createTokenSource,
	fixedToken,
	type LocalIssuer,
	requestLocalToken,
} from './access-token.ts';
import type { ApiConnection } from './api-call.ts';
import { CannotRunError } from './cannot-run.ts';
import type { Clock } from './clock.ts';
import type { EmbeddedTarget, RemoteTarget, SyncOptions } from './options.ts';
import { createSender } from './send-request.ts';

export interface EmbeddedHost extends LocalIssuer {
	url: string;
	stop(): Promise<void>;
}

export interface ServiceContext {
	clock: Clock;
	signal: AbortSignal;
	startHost: (dataFolder: string) => Promise<EmbeddedHost>;
}

/** The service to talk to, and how to leave it. */
export interface Service {
	connection: ApiConnection;
	stop(): Promise<void>;
}

export function openService(target: SyncOptions['target'], context: ServiceContext): Promise<Service> {
	return target.kind === 'embedded' ? openEmbedded(target, context) : openRemote(target, context);
}

async function openEmbedded(
	{ dataFolder }: EmbeddedTarget,
	{ clock, signal, startHost }: ServiceContext,
): Promise<Service> {
	const host = await startHost(dataFolder).catch((error: unknown) => {
		signal.throwIfAborted();
		const reason = error instanceof Error ? error.message : String(error);
		throw new CannotRunError(
			`Cannot start the embedded service: ${reason.replace(/^(Error: )?(Cannot start: )?/, '')}`,
			{ cause: error },
		);
	});
	const whenUnreachable = `The embedded service has stopped; run the command again, or "npm start" to see its log.`;
	const send = createSender({ clock, signal, whenUnreachable });
	const getToken = createTokenSource(() => requestLocalToken(host, send, clock), clock);
	return { connection: { baseUrl: host.url.replace(/\/+$/, ''), send, getToken }, stop: () => host.stop() };
}

async function openRemote({ url, credential }: RemoteTarget, { clock, signal }: ServiceContext): Promise<Service> {
	const send = createSender({ clock, signal, whenUnreachable: 'Check --url, and that the service is running.' });
	const getToken =
		credential.kind === 'token'
			? fixedToken(credential.token)
			: createTokenSource(createAzureTokenRequest(credential.scope, signal), clock);
	return { connection: { baseUrl: url, send, getToken }, stop: async () => {} };
}
