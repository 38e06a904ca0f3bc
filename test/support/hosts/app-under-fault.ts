import { withDurableClientInput } from '../../../src/local/durable/management/durable-client-input.ts';
import { createFrontEnd } from '../../../src/local/http/http-front-end.ts';
import { type Listener, listen } from '../../../src/local/http/http-listener.ts';
import { startWorker } from '../../../src/local/worker/worker.ts';
import type { Worker } from '../../../src/local/worker/worker-contract.ts';
import { ownTenant } from '../tenants.ts';
import { type DurableStandIn, startDurableStandIn } from './durable-stand-in.ts';
import { type FaultyStorage, startFaultyStorage } from './faulty-storage.ts';
import { root } from './test-host.ts';
import { startTestStorage, type TestStorage } from './test-storage.ts';
import {
	audience,
	goodClaims,
	newSigningKey,
	signToken,
	startTokenAuthority,
	type TokenAuthority,
} from './token-authority.ts';

/** The whole app behind the host's own front end, over services that fail when a test says so. */
export interface AppUnderFault {
	authority: TokenAuthority;
	storage: TestStorage;
	faulty: FaultyStorage;
	durable: DurableStandIn;
	worker: Worker;
	listener: Listener;
	/** Lines of the functions' log. */
	logged: string[];
	/** Sets the settings, which are missing until then: what wires the parts together keeps them once it has succeeded. */
	setUp(): void;
	/** The header of a caller who may do everything, but for `claims`. */
	authorization(claims?: Record<string, unknown>): Promise<string>;
	stop(): Promise<void>;
}

const settings = ['ROSTER_STORAGE', 'AUTH_AUTHORITY', 'AUTH_AUDIENCE', 'AUTH_TENANTS', 'RATE_LIMIT_PER_MINUTE'];

export async function startAppUnderFault(): Promise<AppUnderFault> {
	for (const name of settings) delete process.env[name];
	const key = await newSigningKey('current');
	const [authority, storage, durable] = await Promise.all([
		startTokenAuthority(key),
		startTestStorage(),
		startDurableStandIn(),
	]);
	const faulty = await startFaultyStorage(storage.azurite.connectionString);
	const logged: string[] = [];
	const log = (_level: string, message: string) => void logged.push(message);
	const loaded = await startWorker({ appFolder: root, entry: 'src/main.ts', log });
	const worker = withDurableClientInput(loaded, () => JSON.stringify(durable.clientData));
	const listener = await listen(0);
	const frontEnd = createFrontEnd({ worker, routePrefix: '', mounts: [], log });
	listener.serve(frontEnd.handle);
	return {
		authority,
		storage,
		faulty,
		durable,
		worker,
		listener,
		logged,
		setUp() {
			Object.assign(process.env, {
				ROSTER_STORAGE: faulty.connectionString,
				AUTH_AUTHORITY: authority.url,
				AUTH_AUDIENCE: audience,
				AUTH_TENANTS: ownTenant,
				RATE_LIMIT_PER_MINUTE: '0',
			});
		},
		authorization: async (claims = {}) => `Bearer ${await signToken({ ...goodClaims(authority.url), ...claims }, key)}`,
		async stop() {
			await listener.close(0);
			frontEnd.close();
			await worker.stop();
			await Promise.all([faulty.stop(), authority.stop(), durable.stop()]);
			await storage.stop();
		},
	};
}
