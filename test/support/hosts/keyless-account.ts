import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, request as openRequest } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { loopbackCertificate } from './loopback-certificate.ts';

/** A storage account whose shared keys are off, and the managed identity that may use it. */
export interface KeylessAccount {
	/** Of the app, as the template sets them, and what leads it to the identity. */
	settings: Record<string, string>;
	blobUrl: string;
	/** To be trusted: PEM. */
	certificate: string;
	/** Requests that were refused because a key signed them. */
	refused: string[];
	/** How often a token was given out. */
	tokens: number;
	stop(): Promise<void>;
}

const services = ['blob', 'queue', 'table'] as const;
const clientId = '33333333-3333-4333-8333-333333333333';
const identityHeader = 'only-this-process-knows';

export async function startKeylessAccount(): Promise<KeylessAccount> {
	const { cert, key, files, remove } = await loopbackCertificate();
	const emulator = await startEmulator(files);
	const account: KeylessAccount = {
		settings: {},
		blobUrl: '',
		certificate: cert,
		refused: [],
		tokens: 0,
		async stop() {
			for (const server of servers) {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			}
			emulator.process.kill('SIGTERM');
			await emulator.ended;
			await remove();
		},
	};
	const servers: Server[] = [];
	for (const service of services) {
		const front = createFront(emulator.ports[service], { cert, key }, account.refused);
		servers.push(front);
		const url = `https://127.0.0.1:${await listening(front)}/devstoreaccount1`;
		account.settings[`ROSTER_STORAGE__${service}ServiceUri`] = url;
		if (service === 'blob') account.blobUrl = url;
	}
	const identity = createIdentity(() => account.tokens++);
	servers.push(identity);
	Object.assign(account.settings, {
		ROSTER_STORAGE__credential: 'managedidentity',
		ROSTER_STORAGE__clientId: clientId,
		IDENTITY_ENDPOINT: `http://127.0.0.1:${await listening(identity)}/msi/token`,
		IDENTITY_HEADER: identityHeader,
		NODE_EXTRA_CA_CERTS: files.cert,
	});
	return account;
}

async function listening(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

interface Emulator {
	process: ChildProcess;
	ports: Record<(typeof services)[number], number>;
	ended: Promise<unknown>;
}

const listens = /Azurite (\w+) service is successfully listening at https:\/\/127\.0\.0\.1:(\d+)/g;

/** Azurite by https, which takes Entra tokens. */
async function startEmulator({ cert, key }: { cert: string; key: string }): Promise<Emulator> {
	const azurite = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
	const hosts = services.flatMap((service) => [`--${service}Host`, '127.0.0.1', `--${service}Port`, '0']);
	const options = ['--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck'];
	const args = [azurite, ...hosts, '--oauth', 'basic', '--cert', cert, '--key', key, ...options];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const ended = once(child, 'close');
	const ports: Record<string, number> = {};
	let output = '';
	await new Promise<void>((resolve, reject) => {
		// Read to the end of its life: it writes a line a request, and ends when nobody takes them.
		child.stdout.on('data', (part) => {
			if (Object.keys(ports).length === services.length) return;
			output += part;
			for (const [, service = '', port] of output.matchAll(listens)) ports[service.toLowerCase()] = Number(port);
			if (Object.keys(ports).length === services.length) resolve();
		});
		ended.then(() => reject(new Error(`The emulator did not start: ${output}`)));
	});
	return { process: child, ports: ports as Emulator['ports'], ended };
}

/**
 * What an account answers whose shared keys are off, to whoever signs with one; all else is passed on.
 * https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent
 */
function createFront(port: number, tls: { cert: string; key: string }, refused: string[]): Server {
	return createServer(tls, (request, response) => {
		const { searchParams } = new URL(request.url ?? '', 'https://localhost');
		const isByKey = request.headers.authorization?.startsWith('SharedKey') ?? false;
		const isServiceSas = searchParams.has('sig') && !searchParams.has('skoid');
		if (isByKey || isServiceSas) {
			refused.push(`${request.method} ${request.url?.split('?')[0]}`);
			request.resume();
			response.writeHead(403, {
				'content-type': 'application/xml',
				'x-ms-error-code': 'KeyBasedAuthenticationNotPermitted',
			});
			response.end(
				'<?xml version="1.0"?><Error><Code>KeyBasedAuthenticationNotPermitted</Code><Message>Key based authentication is not permitted on this storage account.</Message></Error>',
			);
			return;
		}
		const { method, url: target, headers } = request;
		const onward = openRequest(
			{
				host: '127.0.0.1',
				port,
				method,
				path: target,
				headers: { ...headers, host: `127.0.0.1:${port}` },
				ca: tls.cert,
			},
			(answer) => {
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				pipeline(answer, response, () => {});
			},
		);
		pipeline(request, onward, () => {});
		onward.on('error', () => response.destroy());
	});
}

/** https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
function createIdentity(count: () => void): Server {
	return createHttpServer((request, response) => {
		const { searchParams } = new URL(request.url ?? '', 'http://localhost');
		const resource = searchParams.get('resource') ?? '';
		const isRight =
			request.headers['x-identity-header'] === identityHeader &&
			searchParams.get('api-version') === '2019-08-01' &&
			searchParams.get('client_id') === clientId &&
			resource.replace(/\/+$/, '') === 'https://storage.azure.com';
		response.setHeader('content-type', 'application/json');
		if (!isRight) {
			response.writeHead(400).end(JSON.stringify({ statusCode: 400, message: 'There is no such identity.' }));
			return;
		}
		count();
		const expires = Math.floor(Date.now() / 1000) + 3_600;
		const body = { access_token: unsignedToken(resource, expires), expires_on: String(expires), resource };
		response.end(JSON.stringify({ ...body, token_type: 'Bearer', client_id: clientId }));
	});
}

/** As Entra's in all that the emulator looks at; it does not look at the signature. */
function unsignedToken(resource: string, expires: number): string {
	const tenant = '44444444-4444-4444-8444-444444444444';
	const payload = {
		aud: resource.replace(/\/+$/, ''),
		iss: `https://sts.windows.net/${tenant}/`,
		iat: expires - 3_600,
		nbf: expires - 3_900,
		exp: expires,
		ver: '1.0',
		oid: '55555555-5555-4555-8555-555555555555',
		sub: '55555555-5555-4555-8555-555555555555',
		tid: tenant,
	};
	const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
	return `${encode({ typ: 'JWT', alg: 'RS256', kid: 'none' })}.${encode(payload)}.c2lnbmF0dXJl`;
}
