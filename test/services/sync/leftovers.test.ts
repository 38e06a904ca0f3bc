import { expect, test } from 'vitest';
import { seededRandom } from '../../../bench/random.ts';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { deletionFaults } from '../../support/schedules/oracle.ts';
import { scheduleWorld } from '../../support/schedules/schedule-world.ts';

/** How often the directory is written to in a first run: so often is there a step under way. */
const writes: readonly RosterKind[] = ['school', 'student', 'teacher', 'section', 'studentEnrollment', 'teacherRoster'];

test.for(writes.map((kind, at) => [kind, at] as const))(
	'a step that is writing %ss when its profile is removed leaves nothing behind',
	async ([, at]) => {
		const world = await scheduleWorld(seededRandom(1));
		const { time, services, ref, stores } = world;
		for (const [version, kind] of rosterKinds.entries())
			await time.untilDone(world.put({ kind, version, isFaulty: false }));
		let calls = 0;
		let isDeleted = false;
		for (const name of ['putSchools', 'putUsers', 'putClasses', 'changeMembers'] as const) {
			const write = stores.directory[name] as (...parts: unknown[]) => Promise<never>;
			Object.assign(stores.directory, {
				[name]: async (...parts: unknown[]) => {
					if (calls++ === at) {
						await services.profiles.delete(ref);
						while (await world.profile()) await time.sleep(1_000);
						isDeleted = true;
					}
					return write(...parts);
				},
			});
		}
		await time.untilDone(services.starts.start(ref));
		await time.untilRest();
		expect(isDeleted).toBe(true);
		expect(await deletionFaults(world)).toEqual([]);
	},
);
