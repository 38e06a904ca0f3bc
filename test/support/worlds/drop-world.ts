import { effectiveStatus } from '../../../src/domain/lifecycle.ts';
import type { ProfileDefinition } from '../../../src/domain/profile.ts';
import { kindOfFile, type RosterKind, rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import type { ProfileRef } from '../../../src/ports.ts';
import type { SettleResult } from '../../../src/services/intake/drops.ts';
import { sortUploads, uploadSetId } from '../../../src/services/intake/upload-names.ts';
import { sourcePath } from '../../../src/services/sync/files/roster-paths.ts';
import { definition } from '../rosters/profile-builder.ts';
import { smallRoster } from '../rosters/roster.ts';
import { ownTenant } from '../tenants.ts';
import { type ServiceWorld, serviceWorld } from './service-world.ts';

/** A pupil without a school: the row is wrong, the file can be read. */
export const faultyStudents = String(smallRoster()['Student.csv']).replace('P1,S1', 'P1,S9');

/** Passes, and is not the file of `smallRoster`. */
export const otherStudents = String(smallRoster()['Student.csv']).replace('Zoë', 'Zora');

/** The files of a small roster by kind. */
export function rosterByKind(changes: Partial<Record<string, string>> = {}): Record<RosterKind, string> {
	const files = Object.entries(smallRoster(changes)).map(([name, text]) => [kindOfFile(name), String(text)]);
	return Object.fromEntries(files) as Record<RosterKind, string>;
}

/** One provisioned profile, and what its client, the clock and the engine may do. */
export async function dropWorld(changes: Partial<ProfileDefinition> = {}) {
	const world = serviceWorld();
	const { clock, uploads, rosters, services, engine } = world;
	const { id: profileId } = await services.profiles.create(ownTenant, { definition: definition(changes) });
	const ref: ProfileRef = { tenantId: ownTenant, profileId };
	await settle(world);
	const put = (name: string, text: string) => uploads.put(profileId, name, text);
	const later = (seconds: number) => clock.set(new Date(clock.now().getTime() + seconds * 1000).toISOString());
	const profile = async () => {
		const found = await world.profiles.get(ownTenant, profileId);
		if (!found) throw new Error('The profile is gone.');
		return found.profile;
	};
	const setId = async () => uploadSetId(sortUploads(await uploads.list(profileId, 99)));
	return {
		...world,
		/** The store, beside the list below. */
		runStore: world.runs,
		ref,
		put,
		later,
		profile,
		setId,
		upload(other: Partial<Record<string, string>> = {}): void {
			for (const [name, text] of Object.entries(smallRoster(other))) put(name, String(text));
		},
		/** The event of the last upload arrives, and the uploads have rested. */
		async drop(): Promise<SettleResult | undefined> {
			const before = engine.settling.length;
			await services.drops.arrived(profileId);
			const asked = engine.settling.slice(before).at(-1);
			return asked === undefined ? undefined : services.drops.settle(ref, asked);
		},
		settle: () => settle(world),
		status: async () => effectiveStatus(await profile(), clock.now()),
		runs: async () => (await world.runs.list(profileId, { size: 99 })).items,
		/** The files that a run took. */
		async contents(runId = ''): Promise<Partial<Record<RosterKind, string>>> {
			const texts = rosterKinds.map((kind) => {
				const bytes = rosters.files.get(sourcePath({ ...ref, runId }, kind));
				return [kind, bytes && Buffer.from(bytes).toString('utf8')];
			});
			return Object.fromEntries(texts);
		},
	};
}

async function settle({ engine }: ServiceWorld): Promise<void> {
	while (await engine.step());
}
