import type { DurableClient } from 'durable-functions';
import { orchestratorNames } from '../../orchestrator-names.ts';
import type { NoticeQueue } from '../../ports.ts';
import { startUnlessKnown } from './durable-orchestrations.ts';

/** Each notice is an orchestration of its own, which waits and tries again; the id of the notice names it. */
export function durableNotices(client: DurableClient): NoticeQueue {
	return {
		deliver: (notice) =>
			startUnlessKnown(client, orchestratorNames.notice, { instanceId: `notice-${notice.id}`, input: notice }),
	};
}
