import type { Profile } from '../../domain/profile.ts';
import { nextLook } from '../../domain/schedule/due-work.ts';
import type { DueWorkStore, ProfileStore } from '../../ports.ts';

/**
 * A profile store that notes when somebody must look at a profile again, before it writes what makes that so: a crash in between
 * leaves a note too many, which is harmless, and never one too few.
 */
export function plannedProfiles(profiles: ProfileStore, due: DueWorkStore): ProfileStore {
	const note = async (next: Profile, before?: Profile): Promise<void> => {
		const at = nextLook(next);
		if (at && !(before && isPlannedAlike(before, next, at))) await noteLook(due, next, at);
	};
	return {
		async insert(profile) {
			await note(profile);
			await profiles.insert(profile);
		},
		get: (tenantId, profileId) => profiles.get(tenantId, profileId),
		list: (tenantId, page) => profiles.list(tenantId, page),
		async replace(stored, next) {
			await note(next, stored.profile);
			return profiles.replace(stored, next);
		},
		delete: (tenantId, profileId) => profiles.delete(tenantId, profileId),
	};
}

/** Under another calendar, what is late may be due earlier than somebody would look. */
function isPlannedAlike(before: Profile, next: Profile, at: Date): boolean {
	const isSameCalendar = JSON.stringify(before.calendar) === JSON.stringify(next.calendar);
	return isSameCalendar && nextLook(before)?.getTime() === at.getTime();
}

export async function noteLook(
	due: DueWorkStore,
	{ tenantId, id }: Pick<Profile, 'tenantId' | 'id'>,
	at: Date,
): Promise<void> {
	await due.put({ owner: tenantId, subject: id, at });
}
