import type { ApiClient } from '../client/api-client.ts';
import type { Clock } from '../clock.ts';
import type { Screen } from '../screen/screen.ts';

/** What every step of a sync works with. */
export interface SyncContext {
	client: ApiClient;
	clock: Clock;
	signal: AbortSignal;
	screen: Screen;
}
