import { InvocationContext } from '@azure/functions';
import type { ProvisioningDeps } from '../../../src/services/profiles/provisioning.ts';
import type { SyncDeps } from '../../../src/services/sync/sync-deps.ts';
import { provisioningDeps, syncDeps } from '../../../src/wiring.ts';

const invocation = () => new InvocationContext({ functionName: 'test', logHandler: () => {} });

/** What the app under test is wired with. */
export const appDeps = (): SyncDeps & ProvisioningDeps => ({
	...syncDeps(invocation()),
	...provisioningDeps(invocation()),
});
