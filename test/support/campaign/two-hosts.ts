import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Random, seededRandom } from '../../../bench/random.ts';
import { startAzurite } from '../../../src/local/azurite/azurite.ts';
import { startTestHost, type TestHost } from '../hosts/test-host.ts';
import { type GraphClient, graphClient, tokenFor } from '../requests/graph-client.ts';
import type { Service, ServiceOptions } from './service.ts';

interface Member {
	host: TestHost;
	client: GraphClient;
}

/** Two hosts on one task hub, over the emulator data of the one host that went before. Each request goes to either of them. */
export async function startTwoHosts({ dataFolder, settings }: ServiceOptions, seed: number): Promise<Service> {
	const azurite = await startAzurite({
		dataFolder: path.join(dataFolder, 'azurite'),
		preferUsualPorts: false,
		log: () => {},
	});
	const { connectionString: storage, lostAt } = azurite;
	const shared = { ...settings, ...(lostAt === undefined ? {} : { STORAGE_LOST_AT: lostAt }) };
	const folders = ['first', 'second'].map((name) => path.join(dataFolder, name));
	const join = async (folder: string): Promise<Member> => {
		await mkdir(folder, { recursive: true });
		const host = await startTestHost({ dataFolder: folder, storage, settings: shared, inMemory: false });
		return { host, client: graphClient(host, await tokenFor(host)) };
	};
	const members = await Promise.all(folders.map(join));
	return {
		client: clientOf(members, seededRandom(seed)),
		async kill({ member }) {
			const [killed] = members.splice(member, 1) as [Member];
			process.kill(killed.host.pid, 'SIGKILL');
			const ended = await killed.host.ended;
			members.push(await join(killed.host.dataFolder));
			return { ended, log: killed.host.log(), losses: [] };
		},
		async stop() {
			await Promise.all(members.map(({ host }) => host.stop()));
			await Promise.all(members.map(({ host }) => host.ended));
			await azurite.stop();
			for (const folder of folders) await rm(folder, { recursive: true, force: true });
		},
	};
}

/** A link is followed at the host that gave it. */
function clientOf(members: readonly Member[], random: Random): GraphClient {
	const clientFor = (asked: string) => {
		const giver = members.find(({ host }) => asked.startsWith(`${host.url}/`));
		return (giver ?? random.pick(members)).client;
	};
	return {
		authorization: '',
		get: (asked, headers) => clientFor(asked).get(asked, headers),
		send: (method, asked, ...content) => clientFor(asked).send(method, asked, ...content),
	};
}
