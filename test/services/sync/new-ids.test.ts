import { expect, test } from 'vitest';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import { named, student } from '../../support/rosters/directory-objects.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

/** The source gives people other ids; their usernames stay. */

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
const names = Array.from({ length: 30 }, (_, at) => `pupil${at}`);

function roster(prefix: string, members: readonly string[] = names): Record<RosterKind, string> {
	const people = names.map((name, at) => `${prefix}${at},S1,${name}`);
	const enrolled = members.map((name) => `C${names.indexOf(name) % 3},${prefix}${names.indexOf(name)}`);
	return {
		school: lines('SIS ID,Name', 'S1,North'),
		section: lines('SIS ID,School SIS ID,Section Name', 'C0,S1,Maths', 'C1,S1,Art', 'C2,S1,Music'),
		student: lines('SIS ID,School SIS ID,Username', ...people),
		teacher: lines('SIS ID,School SIS ID,Username', 'T1,S1,t1'),
		studentEnrollment: lines('Section SIS ID,SIS ID', ...enrolled),
		teacherRoster: lines('Section SIS ID,SIS ID'),
	};
}

const rule = { sourcePropertyName: 'Username', targetPropertyName: 'userPrincipalName', targetDomain: 'example.org' };

test('a matching profile finds the same accounts, and nobody loses a class or school, approved or not', async () => {
	const world = runWorld({
		status: 'inProgress',
		identity: {
			kind: 'matching',
			matchingOptions: [
				{ appliesTo: 'student', ...rule },
				{ appliesTo: 'teacher', ...rule },
			],
		},
	});
	const { deps, directory } = world;
	const { tenantId } = await world.current();
	await deps.directory.putUsers(tenantId, [
		...names.map((name) => student(`X-${name}`, { account: named(`${name}@example.org`) })),
		student('X-t1', { role: 'teacher', account: named('t1@example.org') }),
	]);
	const sync = async (files: Record<RosterKind, string>, approvedRunId?: string) => {
		const run = await world.accept(files);
		const record = await deps.runs.get(run.profileId, run.runId);
		if (record && approvedRunId) await deps.runs.save({ ...record, approvedRunId });
		const result = await world.carry(run);
		await world.change({ status: 'inProgress' });
		return { result, runId: run.runId, holds: (await readHolds(deps, run)).holds };
	};
	const image = () => [
		...[...directory.classes.values()].map(({ id }) => [...directory.membersOf(id, 'student')].sort()),
		...[...directory.schools.values()].map(({ id }) => [...directory.membersOfSchool(id)].sort()),
	];
	await sync(roster('A'));
	const before = image();
	expect(before.map((ids) => ids.length)).toEqual([10, 10, 10, 31]);

	const found = await sync(roster('B'));
	expect(found.holds.length).toBeGreaterThan(0);
	expect(image()).toEqual(before);
	const approved = await sync(roster('B'), found.runId);
	expect(approved.holds).toEqual([]);
	expect(image()).toEqual(before);
	expect((await sync(roster('B'))).result).toMatchObject({ held: 0, directoryWrites: 0 });

	// Who leaves under the new id does leave.
	await sync(roster('B', names.slice(1)));
	expect(image()[0]).toHaveLength(9);
});
