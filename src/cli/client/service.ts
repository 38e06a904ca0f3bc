import { CannotRunError } from '../cannot-run.ts';
import type { Clock } from '../clock.ts';
import type { EmbeddedTarget, RemoteTarget, SyncOptions } from '../options.ts';
import {
	createAzureTokenRequest,
	createTokenSource,
	fixedToken,
	type LocalIssuer,
	requestLocalToken,
} from './access-token.ts';
import type { ApiConnection } from './api-call.ts';
import { createSender } from './send-request.ts';

interface EmbeddedHost extends LocalIssuer {
	url: string;
	/** What storage may have lost since its data was last in use, one sentence each. */
	losses: readonly string[];
	/** Everything that it has written to standard error so far; its last line says why it ended, if not by `stop`. */
	log(): string;
	/** Settles with the exit code, or the signal's name. */
	ended: Promise<number | string>;
	stop(): Promise<void>;
}

export interface ServiceContext {
	clock: Clock;
	signal: AbortSignal;
	startHost: (target: EmbeddedTarget) => Promise<EmbeddedHost>;
}

/** The service to talk to, and how to leave it. */
export interface Service {
	connection: ApiConnection;
	/** Aborted when the service has ended by itself, or the user wants no more. */
	signal: AbortSignal;
	/** What the user should know before anything is done, in sentences. */
	notices: readonly string[];
	/** Throws `CannotRunError` if the service could not keep what it had taken in. */
	stop(): Promise<void>;
}

export function openService(target: SyncOptions['target'], context: ServiceContext): Promise<Service> {
	return target.kind === 'embedded' ? openEmbedded(target, context) : openRemote(target, context);
}

async function openEmbedded(target: EmbeddedTarget, { clock, signal, startHost }: ServiceContext): Promise<Service> {
	const host = await startHost(target).catch((error: unknown) => {
		signal.throwIfAborted();
		const reason = error instanceof Error ? error.message : String(error);
		throw new CannotRunError(
			`Cannot start the embedded service: ${reason.replace(/^(Error: )?(Cannot start: )?/, '')}`,
			{ cause: error },
		);
	});
	const whenUnreachable = `The embedded service has stopped; run the command again, or "npm start" to see its log.`;
	const ended = endOf(host);
	const anySignal = AbortSignal.any([signal, ended.signal]);
	const send = createSender({ clock, signal: anySignal, whenUnreachable });
	const getToken = createTokenSource(() => requestLocalToken(host, send, clock), clock);
	return {
		connection: { baseUrl: host.url.replace(/\/+$/, ''), send, getToken },
		signal: anySignal,
		notices: lossNotices(host.losses),
		stop: ended.stop,
	};
}

/** Without its service a sync need not be waited for: what is under way ends at once, and says why. */
function endOf(host: EmbeddedHost) {
	const gone = new AbortController();
	let isStopping = false;
	const failure = () => new CannotRunError(`The embedded service has ended: ${lastWords(host.log())}`);
	host.ended.then(() => isStopping || gone.abort(failure()));
	return {
		signal: gone.signal,
		async stop() {
			isStopping = true;
			await host.stop();
			if ((await host.ended) !== 0) throw failure();
		},
	};
}

function lastWords(log: string): string {
	return log.trimEnd().split('\n').at(-1) || 'it said nothing. Run "npm start" to see its log';
}

function lossNotices(losses: readonly string[]): readonly string[] {
	if (losses.length === 0) return [];
	return [
		...losses,
		'A sync that was under way then ends as failed. To make certain, run this command with --reset: it writes everything anew, and removes nobody.',
	];
}

async function openRemote({ url, credential }: RemoteTarget, { clock, signal }: ServiceContext): Promise<Service> {
	const send = createSender({ clock, signal, whenUnreachable: 'Check --url, and that the service is running.' });
	const getToken =
		credential.kind === 'token'
			? fixedToken(credential.token)
			: createTokenSource(createAzureTokenRequest(credential.scope, signal), clock);
	return { connection: { baseUrl: url, send, getToken }, signal, notices: [], stop: async () => {} };
}
