import type { Directory } from '../../../directory-ports.ts';
import { credential, type StorageAccount } from '../../storage-account.ts';
import { graphClient } from './client/graph-client.ts';
import { systemGraphClock } from './client/graph-clock.ts';
import { developmentTokens, graphTokens } from './client/graph-token.ts';
import { tableWriteBudget } from './client/table-write-budget.ts';
import { type GraphStrategy, graphDirectory } from './graph-directory.ts';

export interface GraphSettings {
	/** Of the service, without the version. */
	baseUrl: string;
	strategy: GraphStrategy;
	/** Of a user-assigned managed identity. */
	clientId?: string;
}

/** Microsoft Entra ID as a deployment reaches it: by its managed identity, within one budget of writes for all of its instances. */
export const openGraphDirectory = (
	{ baseUrl, strategy, clientId }: GraphSettings,
	account: StorageAccount,
	onThrottle: () => void,
): Directory =>
	graphDirectory({
		strategy,
		account,
		client: graphClient({
			baseUrl,
			onThrottle,
			batches: strategy === 'packed',
			budget: tableWriteBudget(account, systemGraphClock.now),
			// Settings take plain http for a stand-in on this machine alone.
			getToken: baseUrl.startsWith('http:')
				? developmentTokens(baseUrl)
				: graphTokens(baseUrl, () => credential(clientId)),
		}),
	});
