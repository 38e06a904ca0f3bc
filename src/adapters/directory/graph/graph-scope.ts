import type { Deadline } from '../../../directory-ports.ts';
import type { GraphClient } from './client/graph-client.ts';
import type { GraphClock } from './client/graph-clock.ts';
import type { GraphCall } from './client/graph-request.ts';
import type { GraphAnchors } from './objects/graph-anchors.ts';
import type { TenantFacts } from './objects/tenant-facts.ts';

/** What a call of the directory works with. */
export interface GraphScope {
	tenantId: string;
	client: GraphClient;
	call: GraphCall;
	clock: GraphClock;
	anchors: GraphAnchors;
	facts: TenantFacts;
}

/** For so long after a write the replicas of the directory may differ. */
const settlingMs = 15 * 60_000;

/** Whether what the directory shows may still be as it was before. */
export const isRecent = ({ clock }: Pick<GraphScope, 'clock'>, writtenAt: Date | undefined): boolean =>
	writtenAt !== undefined && clock.now().getTime() - writtenAt.getTime() < settlingMs;

/** The last moment at which the call may still have something under way, as far as it is known now. */
export async function endOf({ call: { deadline }, clock }: GraphScope): Promise<Date> {
	return (await momentOf(deadline)) ?? new Date(clock.now().getTime() + withoutDeadlineMs);
}

const withoutDeadlineMs = 120_000;

const momentOf = async (deadline: Deadline | undefined): Promise<Date | undefined> =>
	typeof deadline === 'function' ? deadline() : deadline;
