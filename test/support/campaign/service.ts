import { startTestHost, type TestHost } from '../hosts/test-host.ts';
import { type GraphClient, graphClient, tokenFor } from '../requests/graph-client.ts';
import type { TurnPlan } from './turn-plans.ts';

/** The hosts of a turn, as one client sees them. */
export interface Service {
	client: GraphClient;
	/** Ends processes by SIGKILL, and starts what is needed to go on. */
	kill(plan: Pick<TurnPlan, 'victim' | 'member'>): Promise<Killed>;
	/** As Ctrl-C does. */
	stop(): Promise<void>;
}

export interface Killed {
	/** How the host ended, and what it has said. */
	ended: number | string;
	log: string;
	/** What the next start said may be lost. */
	losses: readonly string[];
}

export interface ServiceOptions {
	dataFolder: string;
	settings: Record<string, string>;
}

/** One host with an emulator of its own, whose data stays. */
export async function startOneHost({ dataFolder, settings }: ServiceOptions): Promise<Service> {
	const connect = async () => {
		const host = await startTestHost({ dataFolder, settings, inMemory: false });
		return { host, client: graphClient(host, await tokenFor(host)) };
	};
	let { host, client } = await connect();
	return {
		client: {
			authorization: client.authorization,
			get: (...asked) => client.get(...asked),
			send: (...asked) => client.send(...asked),
		},
		async kill({ victim }) {
			const killed = host;
			for (const pid of pidsOf(killed, victim)) process.kill(pid, 'SIGKILL');
			const ended = await killed.ended;
			({ host, client } = await connect());
			return { ended, log: killed.log(), losses: host.losses };
		},
		async stop() {
			await host.stop();
			await host.ended;
		},
	};
}

function pidsOf({ pid, azuritePid }: TestHost, victim: TurnPlan['victim']): readonly number[] {
	if (victim === 'emulator') return [azuritePid];
	// The host last: it has no time to do anything about its storage.
	return victim === 'both' ? [azuritePid, pid] : [pid];
}
