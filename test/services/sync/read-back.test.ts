import { describe, expect, test } from 'vitest';
import { directoryId } from '../../../src/adapters/directory/tables/directory-keys.ts';
import type { RosterKind } from '../../../src/domain/roster/format/kinds.ts';
import { readHolds } from '../../../src/services/sync/files/holds.ts';
import type { StepDelivery } from '../../support/worlds/run-steps.ts';
import { runWorld } from '../../support/worlds/run-world.ts';

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
const userHeader = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';

interface Roster {
	/** SIS ids and schools. */
	students?: Readonly<Record<string, string>>;
	enrollments?: readonly string[];
}

const everybody = { P1: 'S1', P2: 'S1', P3: 'S2' };
const classes = ['C1,P1', 'C1,P2', 'C2,P3'];

function roster({ students = everybody, enrollments = classes }: Roster = {}): Record<RosterKind, string> {
	const people = Object.entries(students).map(([id, school]) => `${id},${school},First,Last,${id},Welcome-2026!`);
	return {
		school: lines('SIS ID,Name', 'S1,North', 'S2,South'),
		section: lines('SIS ID,School SIS ID,Section Name', 'C1,S1,Maths', 'C2,S2,Music', 'C3,S2,Art'),
		student: lines(userHeader, ...people),
		teacher: lines(userHeader, 'T1,S1,First,Last,t1,Welcome-2026!'),
		studentEnrollment: lines('Section SIS ID,SIS ID', ...enrollments),
		teacherRoster: lines('Section SIS ID,SIS ID', 'C1,T1'),
	};
}

type World = ReturnType<typeof runWorld>;

interface Sync {
	approvedRunId?: string;
	deliver?: StepDelivery;
}

async function sync(world: World, files: Record<RosterKind, string>, { approvedRunId, deliver }: Sync = {}) {
	const run = await world.accept(files);
	const record = await world.deps.runs.get(run.profileId, run.runId);
	if (record && approvedRunId) await world.deps.runs.save({ ...record, approvedRunId });
	const result = await world.carry(run, deliver);
	const { holds } = await readHolds(world.deps, run);
	return { result, holds, runId: run.runId, status: (await world.current()).status };
}

/** As a reset does, the next run knows nothing of what earlier ones did. */
const forget = (world: World) => world.change({ snapshotGeneration: 'second', status: 'inProgress' });
const synced = async () => {
	const world = runWorld({ status: 'inProgress' });
	expect((await sync(world, roster())).result).toMatchObject({ held: 0 });
	return world;
};
const idOf = (world: World, anchor: string) => directoryId(tenantOf(world), anchor);
const tenantOf = ({ directory }: World) => [...directory.users.values()][0]?.tenantId as string;
const peopleOf = (world: World, school: string) =>
	world.directory
		.membersOfSchool(idOf(world, `School_${school}`))
		.map((id) => world.directory.users.get(id)?.externalId);

describe.each(['once', 'twice'])('whoever left while no history was kept, each step delivered %s', (times) => {
	const deliver: StepDelivery = async (work) => {
		const first = await work();
		if (times === 'once') return first;
		const second = await work();
		expect(second).toEqual(first);
		return second;
	};

	test('is found, held at each run until somebody approves, and then removed', async () => {
		const world = await synced();
		await forget(world);
		const without = roster({ students: { P1: 'S1', P2: 'S2', P3: 'S2' }, enrollments: ['C1,P1', 'C3,P3'] });
		const found = await sync(world, without, { deliver });
		expect(found).toMatchObject({ status: 'quarantined', result: { held: 3 } });
		expect(found.holds).toMatchObject([
			{ kind: 'studentEnrollment', scope: 'unexpected', removals: 2, people: 2 },
			{ kind: 'schoolStudent', scope: 'unexpected', removals: 1, people: 1 },
		]);
		expect(found.result.tallies).toMatchObject({ studentEnrollment: { held: 2 }, schoolStudent: { held: 1 } });
		expect(world.members()).toEqual({ C1: ['P1', 'P2'], C2: ['P3'], C3: ['P3'] });
		expect(peopleOf(world, 'S1')).toContain('P2');
		await world.change({ status: 'inProgress' });
		const again = await sync(world, without, { deliver });
		expect(again).toMatchObject({ status: 'quarantined', holds: found.holds, result: { held: 3, directoryWrites: 0 } });
		await world.change({ status: 'inProgress' });
		const approved = await sync(world, without, { deliver, approvedRunId: again.runId });
		expect(approved).toMatchObject({ status: 'success', holds: [], result: { held: 0 } });
		expect(world.members()).toEqual({ C1: ['P1'], C2: [], C3: ['P3'] });
		expect(peopleOf(world, 'S1')).not.toContain('P2');
		expect((await sync(world, without, { deliver })).result).toMatchObject({ held: 0, directoryWrites: 0 });
	});

	test('is found although the run that should have looked failed on the way', async () => {
		const world = await synced();
		await forget(world);
		const without = roster({ enrollments: ['C1,P1', 'C2,P3'] });
		const run = await world.accept(without);
		await expect(
			world.carry(run, async (work, step) => {
				if (step.name === 'holdFound') throw new Error('killed');
				return deliver(work, step);
			}),
		).rejects.toThrow('killed');
		expect(await sync(world, without, { deliver })).toMatchObject({
			status: 'quarantined',
			holds: [{ kind: 'studentEnrollment', scope: 'unexpected', removals: 1 }],
			result: { held: 1 },
		});
	});
});

test('who came back meanwhile is in step without anybody looking', async () => {
	const world = await synced();
	await forget(world);
	await sync(world, roster({ enrollments: ['C1,P1', 'C2,P3'] }));
	await world.change({ status: 'inProgress' });
	expect(await sync(world, roster())).toMatchObject({ status: 'success', holds: [], result: { held: 0 } });
	expect(world.members()).toEqual({ C1: ['P1', 'P2'], C2: ['P3'], C3: [] });
});

test('whom an ended run brought is nobody unexpected, though it looked for nobody yet', async () => {
	const world = runWorld({ status: 'inProgress' });
	const ended = world.carry(await world.accept(roster()), async (work, step) => {
		if (step.name === 'readBack') throw new Error('killed');
		return work();
	});
	await expect(ended).rejects.toThrow('killed');
	expect(world.members().C1).toEqual(['P1', 'P2']);
	// Of the class others come and go, and those who stay are in no change.
	const moved = roster({ enrollments: ['C1,P2', 'C1,P3', 'C2,P3'] });
	expect(await sync(world, moved)).toMatchObject({ status: 'success', holds: [], result: { held: 0 } });
	expect(world.members().C1).toEqual(['P2', 'P3']);
	expect(await sync(world, roster({ enrollments: ['C1,P3', 'C2,P3'] }))).toMatchObject({
		status: 'success',
		holds: [],
	});
	expect(world.members().C1).toEqual(['P3']);
});

test('who was left out while nothing was remembered, and came back under the same id, waits for nobody', async () => {
	const world = await synced();
	await forget(world);
	// No file has the person: the directory alone knows who that is.
	const without = roster({ students: { P1: 'S1', P3: 'S2' }, enrollments: ['C1,P1', 'C2,P3'] });
	expect((await sync(world, without)).holds).toMatchObject([
		{ kind: 'studentEnrollment', scope: 'unexpected', removals: 1 },
		{ kind: 'schoolStudent', scope: 'unexpected', removals: 1 },
	]);
	for (const again of [1, 2]) {
		await world.change({ status: 'inProgress' });
		const { status, holds, result } = await sync(world, roster());
		expect({ status, holds, held: result.held }, `time ${again}`).toEqual({ status: 'success', holds: [], held: 0 });
		expect(world.members().C1).toEqual(['P1', 'P2']);
		expect(peopleOf(world, 'S1')).toContain('P2');
	}
});

test.each([
	['has an error of its own', 't1'],
	['is there', 'p2'],
])('nobody is taken out of a class or school while the row that brings the person back %s', async (_, username) => {
	const world = await synced();
	await forget(world);
	await sync(world, roster({ students: { P1: 'S1', P3: 'S2' }, enrollments: ['C1,P1', 'C2,P3'] }));
	await world.change({ status: 'inProgress' });
	const files = roster();
	await sync(world, { ...files, student: files.student.replace(',P2,', `,${username},`) });
	expect(world.members().C1).toEqual(['P1', 'P2']);
	expect(peopleOf(world, 'S1')).toContain('P2');
});

describe('a member whom no file knows', () => {
	async function withStranger(stranger: string) {
		const world = await synced();
		await forget(world);
		const [classId] = [...world.directory.classes.values()].filter(({ externalId }) => externalId === 'C1');
		await world.deps.directory.changeMembers(tenantOf(world), [
			{ classId: classId?.id as string, role: 'student', add: [stranger], remove: [] },
		]);
		const found = await sync(world, roster());
		expect(found.holds).toMatchObject([{ kind: 'studentEnrollment', scope: 'unexpected', removals: 1, people: 1 }]);
		expect(world.directory.membersOf(classId?.id as string, 'student')).toContain(stranger);
		await world.change({ status: 'inProgress' });
		return { world, found, classId: classId?.id as string };
	}

	test('is held, and removed once somebody approves', async () => {
		const stranger = '0f0e0d0c-0b0a-4908-8706-050403020100';
		const { world, found, classId } = await withStranger(stranger);
		const approved = await sync(world, roster(), { approvedRunId: found.runId });
		expect(approved).toMatchObject({ status: 'success', holds: [] });
		expect(world.directory.membersOf(classId, 'student')).not.toContain(stranger);
		expect((await sync(world, roster())).result).toMatchObject({ held: 0, directoryWrites: 0 });
	});

	test.each(['in the same run', 'a run before'])('stays if a file wants that person by now, %s', async (when) => {
		const joined = roster({ students: { ...everybody, P9: 'S1' }, enrollments: [...classes, 'C1,P9'] });
		const tenant = tenantOf(await synced());
		const { world, found } = await withStranger(directoryId(tenant, 'Student_P9'));
		let approvedRunId = found.runId;
		if (when === 'a run before') {
			approvedRunId = (await sync(world, joined)).runId;
			await world.change({ status: 'inProgress' });
		}
		expect(await sync(world, joined, { approvedRunId })).toMatchObject({ status: 'success', holds: [] });
		expect(world.members().C1).toEqual(['P1', 'P2', 'P9']);
		expect((await sync(world, joined)).result).toMatchObject({ held: 0, directoryWrites: 0 });
	});
});
