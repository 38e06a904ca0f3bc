import type { Actor, AuditEntry, SyncEvent } from '../../domain/events.ts';
import { newRunId } from '../../domain/run-id.ts';
import type { AuditStore, Clock, Page, PageRequest, ProfileRef, ProfileStore } from '../../ports.ts';
import { getProfile } from '../sync/profile-changes.ts';

export interface AuditDeps {
	profiles: ProfileStore;
	audit: AuditStore;
}

export interface AuditService {
	/** Newest first. Throws `SyncApiError` (404) for an unknown profile. */
	list(ref: ProfileRef, page: PageRequest): Promise<Page<AuditEntry>>;
}

export function auditService({ profiles, audit }: AuditDeps): AuditService {
	return {
		async list(ref, page) {
			await getProfile(profiles, ref);
			return audit.list(ref.profileId, page);
		},
	};
}

/** Keeps what somebody did. */
export async function recordAction(
	{ audit, clock, randomHex }: { audit: AuditStore; clock: Clock; randomHex: () => string },
	event: SyncEvent,
	actor: Actor,
): Promise<void> {
	const now = clock.now();
	await audit.append(event.profileId, {
		id: newRunId(now, randomHex()),
		recordedDateTime: now.toISOString(),
		action: event.name,
		actorId: actor.id,
		...(actor.appId ? { appId: actor.appId } : {}),
		...(event.runId ? { runId: event.runId } : {}),
	});
}
