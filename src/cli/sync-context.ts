import type { ApiClient } from './api-client.ts';
import type { Clock } from './clock.ts';
import type { Screen } from './screen.ts';

/** What every step of a sync works with. */
export interface SyncContext {
	client: ApiClient;
	clock: Clock;
	signal: AbortSignal;
	screen: Screen;
}
