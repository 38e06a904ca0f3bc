import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import type { NoticeSender, OutgoingNotice } from '../../ports.ts';
import { isPublicAddress } from './public-addresses.ts';

/** What tests put in the place of the network's own. */
export interface NoticeSenderOptions {
	/** Whether notices may go to private addresses, as those of a network of the operator's own. */
	allowsPrivate: boolean;
	/** A certificate to trust besides. */
	ca?: string;
	resolve?: (host: string) => Promise<readonly LookupAddress[]>;
	timeoutMs?: number;
}

/** A receiver takes a notice and works on it later. */
const defaultTimeoutMs = 10_000;

/**
 * Sends notices by https. The name of the receiver is resolved once, every address that it has must be a public one, and the connection goes
 * to the very address that was looked at: a name that is another one at the next question gets nobody in. Redirects are answers as any
 * other, and of an answer only the status is read.
 */
export function httpsNotices(options: NoticeSenderOptions): NoticeSender {
	return {
		async post(notice) {
			const url = URL.canParse(notice.url) ? new URL(notice.url) : undefined;
			if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
			try {
				const address = await addressOf(url, options);
				return address && (await send(url, { notice, address, options }));
			} catch {
				// There is no answer, for whatever reason: what the network says may name hosts, and nobody needs it.
				return undefined;
			}
		},
	};
}

/** Undefined if one of the addresses is not to be reached. */
async function addressOf(url: URL, { allowsPrivate, resolve = resolveAll }: NoticeSenderOptions) {
	const host = url.hostname.replace(/^\[|\]$/g, '');
	const family = isIP(host);
	const addresses = family > 0 ? [{ address: host, family }] : await resolve(host);
	const isFine = allowsPrivate || addresses.every(({ address }) => isPublicAddress(address));
	return isFine ? addresses[0] : undefined;
}

const resolveAll = (host: string) =>
	new Promise<readonly LookupAddress[]>((done, fail) => {
		systemLookup(host, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses)));
	});

interface Sending {
	notice: OutgoingNotice;
	address: LookupAddress;
	options: NoticeSenderOptions;
}

function send(url: URL, { notice, address, options }: Sending): Promise<number | undefined> {
	const { ca, timeoutMs = defaultTimeoutMs } = options;
	const requested: RequestOptions = {
		method: 'POST',
		// A connection that was kept would lead to an address that nobody has looked at this time.
		agent: false,
		lookup: fixed(address),
		signal: AbortSignal.timeout(timeoutMs),
		headers: {
			...notice.headers,
			'content-type': 'application/json',
			'content-length': Buffer.byteLength(notice.body),
			'user-agent': 'school-data-sync',
		},
		...(ca ? { ca } : {}),
	};
	return new Promise((done, fail) => {
		const sent = request(url, requested, (response) => {
			done(response.statusCode);
			response.destroy();
		});
		sent.on('error', fail);
		sent.end(notice.body);
	});
}

type LookupAnswer = (error: null, address: string | LookupAddress[], family?: number) => void;

/** The address that was looked at, whatever is asked. */
const fixed =
	({ address, family }: LookupAddress) =>
	(_host: string, { all }: LookupOptions, answer: LookupAnswer): void => {
		if (all) answer(null, [{ address, family }]);
		else answer(null, address, family);
	};
