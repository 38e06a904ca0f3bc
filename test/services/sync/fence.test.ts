import { describe, expect, test } from 'vitest';
import type { Directory } from '../../../src/directory-ports.ts';
import { courseOfRun } from '../../../src/domain/sync/course.ts';
import type { SyncRef } from '../../../src/ports.ts';
import { failureLog } from '../../../src/services/sync/record-errors.ts';
import { finishRun } from '../../../src/services/sync/steps/finish-run.ts';
import { runStep } from '../../../src/services/sync/steps/run-step.ts';
import { takeHistory } from '../../../src/services/sync/steps/take-history.ts';
import { RunEndedError } from '../../../src/services/sync/sync-deps.ts';
import { fakeSyncErrorStore } from '../../support/fakes/sync-error-store.ts';
import { definition } from '../../support/rosters/profile-builder.ts';
import { smallRoster } from '../../support/rosters/roster.ts';
import { ownTenant } from '../../support/tenants.ts';
import { runSteps } from '../../support/worlds/run-steps.ts';
import { gate, runWorld } from '../../support/worlds/run-world.ts';
import { serviceWorld } from '../../support/worlds/service-world.ts';

const lines = (...rows: string[]) => `${rows.join('\r\n')}\r\n`;
const people = (header: string, ...ids: string[]) =>
	lines(header, ...ids.map((id) => `${id},S1,First,Last,${id.toLowerCase()},Welcome-2026!`));
const userHeader = 'SIS ID,School SIS ID,First Name,Last Name,Username,Password';

const roster = (enrollments: readonly string[], students: readonly string[] = ['P1', 'P2', 'P3']) => ({
	school: lines('SIS ID,Name', 'S1,North'),
	section: lines('SIS ID,School SIS ID,Section Name', 'C1,S1,Maths', 'C2,S1,Latin'),
	student: people(userHeader, ...students),
	teacher: people(userHeader, 'T1'),
	studentEnrollment: lines('Section SIS ID,SIS ID', ...enrollments),
	teacherRoster: lines('Section SIS ID,SIS ID', 'C1,T1'),
});

type World = ReturnType<typeof runWorld>;

/** Holds the next call that changes the members of classes, before or after it has its effect. */
function holdMembers({ deps }: World, when: 'before' | 'after') {
	const held = gate();
	const whole = deps.directory.changeMembers.bind(deps.directory);
	const changeMembers: Directory['changeMembers'] = async (...call) => {
		deps.directory.changeMembers = whole;
		if (when === 'after') {
			const outcomes = await whole(...call);
			await held.pass();
			return outcomes;
		}
		await held.pass();
		return whole(...call);
	};
	deps.directory.changeMembers = changeMembers;
	return held;
}

const endOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error: unknown) => error);

describe('a run that is replaced while one of its steps is under way', () => {
	test.each(['before', 'after'] as const)(
		'gets nothing into the history, and its successor begins when the step is over: held %s its effect',
		async (when) => {
			const world = runWorld();
			const { deps, accept, carry, members } = world;
			await carry(await accept(roster(['C1,P1', 'C1,P2'])));
			const held = holdMembers(world, when);
			const older = await accept(roster(['C1,P2']));
			const replaced = endOf(runSteps(deps, older, (work) => work()));
			await held.arrived;

			const newer = await accept(roster(['C1,P1', 'C1,P2', 'C2,P3']));
			const successor = endOf(carry(newer));
			// It waits, however long the step of the other takes within its time.
			await new Promise((resolve) => setTimeout(resolve, 50));
			expect((await deps.histories.get(newer.profileId))?.record.unsettled?.runId).toBe(older.runId);
			held.open();
			expect(await replaced).toBeInstanceOf(RunEndedError);
			expect(await successor).toBe('done');
			expect(members()).toEqual({ C1: ['P1', 'P2'], C2: ['P3'] });

			const next = await carry(await accept(roster(['C1,P1', 'C1,P2', 'C2,P3'])));
			expect(next.directoryWrites).toBe(0);
			expect(next.tallies.studentEnrollment).toMatchObject({ added: 0, removed: 0, unchanged: 3 });
		},
	);

	test.each(['before', 'after'] as const)(
		'is not waited for when its process is dead, and what it may have done is made certain: killed %s its effect',
		async (when) => {
			const world = runWorld();
			const { deps, clock, accept, carry, members } = world;
			await carry(await accept(roster(['C1,P1', 'C1,P2'])));
			const held = holdMembers(world, when);
			const older = await accept(roster(['C1,P2', 'C1,P3']));
			void endOf(runSteps(deps, older, (work) => work()));
			await held.arrived;
			clock.pass(60_000);

			const writes: unknown[] = [];
			const whole = deps.directory.changeMembers.bind(deps.directory);
			deps.directory.changeMembers = (...call) => {
				writes.push(...call[1]);
				return whole(...call);
			};
			await carry(await accept(roster(['C1,P1', 'C1,P2'])));
			expect(members()).toEqual({ C1: ['P1', 'P2'], C2: [] });
			// P1 was to be removed and P3 to be added, and nobody knew whether they were; P2 is left alone.
			expect(writes).toMatchObject([{ add: [expect.any(String)], remove: [expect.any(String)] }]);
			const next = await carry(await accept(roster(['C1,P1', 'C1,P2'])));
			expect(next.directoryWrites).toBe(0);
		},
	);

	test('has no step that begins again, and its last one says nothing', async () => {
		const { deps, accept, carry } = runWorld();
		await carry(await accept(roster(['C1,P1'])));
		const older = await accept(roster(['C1,P2']));
		await runStep(deps, older, { name: 'beginRun' });
		await takeHistory(deps, older);
		const newer = await accept(roster(['C1,P3']));
		await takeHistory(deps, newer);
		for (const step of ['takeHistory', 'shardRoster'] as const)
			await expect(runStep(deps, older, { name: step })).rejects.toThrow(RunEndedError);
		await expect(runStep(deps, older, { name: 'compareShard', kind: 'school', shard: 0 })).rejects.toThrow(
			RunEndedError,
		);
		expect(await finishRun(deps, older, { tallies: {}, directoryWrites: 0, held: 0 })).toBeUndefined();
	});

	test('ends like the newer one alone, wherever their steps meet', async () => {
		const steps = countSteps();
		const alone = runWorld();
		await alone.carry(await alone.accept(roster(['C1,P1', 'C1,P2'])));
		await alone.carry(await alone.accept(roster(['C2,P1', 'C1,P3'])));
		for (let taken = 1; taken < steps; taken++) {
			const { deps, accept, carry, members } = runWorld();
			await carry(await accept(roster(['C1,P1', 'C1,P2'])));
			const older = await accept(roster(['C1,P2', 'C2,P2', 'C2,P3']));
			await carryFirst(deps, older, taken);
			await carry(await accept(roster(['C2,P1', 'C1,P3'])));
			expect(members(), `${taken} steps of the older one`).toEqual(alone.members());
			const next = await carry(await accept(roster(['C2,P1', 'C1,P3'])));
			expect(next.directoryWrites, `${taken} steps of the older one`).toBe(0);
		}
	});
});

/** Of a run of the small roster: begin, take over, shard, compare in two groups, plan, and one group of slices a kind or two. */
const countSteps = () => 11;

async function carryFirst(deps: World['deps'], run: SyncRef, taken: number): Promise<void> {
	const course = courseOfRun();
	let next = course.next();
	for (let at = 0; at < taken && !next.done; at++)
		next = course.next(await Promise.all(next.value.map((step) => runStep(deps, run, step))));
}

describe('what a run did', () => {
	test('is known to the next one though it never came to its end', async () => {
		const { deps, accept, carry, members } = runWorld();
		const broken = await accept(roster(['C1,P1', 'C1,P2']));
		await carryFirst(deps, broken, 10);
		expect(members().C1).toEqual(['P1', 'P2']);
		// P2 was never in a run that got through; it is removed all the same, since it is known who put it there.
		const next = await carry(await accept(roster(['C1,P1'])));
		expect(next.tallies).toMatchObject({ school: { unchanged: 1 }, studentEnrollment: { removed: 1, unchanged: 1 } });
		expect(members().C1).toEqual(['P1']);
	});

	test('is counted though it could not go on, with the cause', async () => {
		const world = runWorld();
		const { deps, accept } = world;
		deps.directory.changeMembers = async () => {
			throw new Error('no answer');
		};
		const run = await accept(roster(['C1,P1']));
		const course = courseOfRun();
		let next = course.next();
		while (!next.done) {
			try {
				next = course.next(await Promise.all(next.value.map((step) => runStep(deps, run, step))));
			} catch (error) {
				next = course.throw(error);
			}
		}
		if ('rest' in next.value) throw new Error('So few slices are one leg.');
		const finished = await finishRun(deps, run, next.value.result);
		expect(finished).toMatchObject({
			outcome: 'failed',
			failure: expect.stringContaining('did not answer'),
			directoryWrites: 7,
			tallies: { student: { added: 3 }, section: { added: 2 }, studentEnrollment: { added: 0 } },
		});
	});
});

test('a run that is ended keeps what it had written', async () => {
	const world = serviceWorld();
	const { id: profileId } = await world.services.profiles.create(ownTenant, { definition: definition() });
	const ref = { tenantId: ownTenant, profileId };
	while (await world.engine.step());
	for (const [name, content] of Object.entries(smallRoster())) world.uploads.put(profileId, name, content as string);
	await world.services.starts.start(ref);
	const [run] = world.engine.started;
	for (const [step, writes] of [
		['schools/school/0/0', 2],
		['users/student/0/0', 4],
	] as const)
		await world.runs.reportProgress({ ...ref, runId: run?.runId as string }, step, { done: 4, total: 4, writes });
	await world.services.lifecycle.reset(ref);
	expect(await world.runs.get(profileId, run?.runId as string)).toMatchObject({
		outcome: 'terminated',
		directoryWrites: 6,
	});
});

describe('settings', () => {
	const creating = {
		kind: 'creation',
		userDomains: [
			{ appliesTo: 'student', name: 'a.org' },
			{ appliesTo: 'teacher', name: 'a.org' },
		],
	} as const;
	const matching = {
		kind: 'matching',
		matchingOptions: [
			{ appliesTo: 'student', sourcePropertyName: 'Secondary Email', targetPropertyName: 'mail' },
			{ appliesTo: 'teacher', sourcePropertyName: 'Username', targetPropertyName: 'userPrincipalName' },
		],
	} as const;

	test('that change while a run is under way are for later runs', async () => {
		const { accept, carry, change, members } = runWorld({ identity: creating });
		await carry(await accept(roster(['C1,P1', 'C1,P2'])));
		const run = await accept(roster(['C1,P1', 'C1,P2', 'C2,P3']));
		const result = await carry(run, async (work, step) => {
			if (step.name === 'takeHistory') await change({ identity: matching });
			return work();
		});
		expect(result.tallies.student).toMatchObject({ unchanged: 3, removed: 0, changed: 0 });
		expect(members()).toEqual({ C1: ['P1', 'P2'], C2: ['P3'] });
	});

	test('under which a file cannot be read are no settings to sync it by, though faulty rows are skipped', async () => {
		const { accept, carry, change } = runWorld({ identity: creating });
		await carry(await accept(roster(['C1,P1', 'C1,P2'])));
		await change({ identity: matching });
		await expect(accept(roster(['C1,P1', 'C1,P2']), { skipsFaultyRows: true })).rejects.toThrow('Secondary Email');
	});

	test('under which no row of a file is sound remove nobody', async () => {
		const { accept, carry, change, members } = runWorld({ identity: creating });
		const files = roster(['C1,P1', 'C1,P2']);
		const withMail = {
			...files,
			student: files.student
				.replace(/Password\r\n/, 'Password,Secondary Email\r\n')
				.replaceAll('2026!\r\n', '2026!,\r\n'),
		};
		await carry(await accept(withMail));
		await change({ identity: matching });
		const result = await carry(await accept(withMail, { skipsFaultyRows: true }));
		for (const kind of ['student', 'studentEnrollment'] as const)
			expect(result.tallies[kind]?.removed ?? 0, kind).toBe(0);
		expect(members()).toEqual({ C1: ['P1', 'P2'], C2: [] });
	});

	test('that say who may rename what reach objects that are there', async () => {
		const { accept, carry, change } = runWorld();
		await carry(await accept(roster(['C1,P1'])));
		await change({
			dataProvider: {
				kind: 'csv',
				customizations: { section: { isSyncDeferred: false, allowDisplayNameUpdate: true } },
			},
		});
		expect((await carry(await accept(roster(['C1,P1'])))).tallies).toMatchObject({
			section: { changed: 2 },
			school: { changed: 0 },
		});
	});
});

describe('rows that were skipped', () => {
	test('are not absent: nobody is removed on the strength of their file', async () => {
		const { accept, carry, members } = runWorld();
		await carry(await accept(roster(['C1,P1', 'C1,P2', 'C2,P3'])));
		// Of P2 the username is gone, and of one enrollment the person.
		const files = roster(['C1', 'C2,P3'], ['P2', 'P3']);
		const damaged = { ...files, student: files.student.replace(',p2,', ',,') };
		const result = await carry(await accept(damaged, { skipsFaultyRows: true }));
		expect(result.tallies).toMatchObject({ student: { removed: 0 }, studentEnrollment: { removed: 0 } });
		expect(members()).toEqual({ C1: ['P1', 'P2'], C2: ['P3'] });
		// Whole again, the files say who has left.
		const whole = await carry(await accept(roster(['C1,P2', 'C2,P3'], ['P2', 'P3'])));
		expect(whole.tallies).toMatchObject({ student: { removed: 1 }, studentEnrollment: { removed: 1 } });
		expect(members()).toEqual({ C1: ['P2'], C2: ['P3'] });
	});

	test('of another file do not matter', async () => {
		const { accept, carry, members } = runWorld();
		await carry(await accept(roster(['C1,P1', 'C1,P2'])));
		const damaged = { ...roster(['C1,P2']), teacherRoster: lines('Section SIS ID,SIS ID', 'C9,T1') };
		await carry(await accept(damaged, { skipsFaultyRows: true }));
		expect(members().C1).toEqual(['P2']);
	});
});

test('a class keeps its members until those who are to come are there', async () => {
	const { deps, accept, carry, members } = runWorld();
	await carry(await accept(roster(['C1,P1', 'C1,P2', 'C2,P3'])));
	const whole = deps.directory.putUsers.bind(deps.directory);
	deps.directory.putUsers = async (tenantId, users, deadline) => {
		const outcomes = await whole(tenantId, users, deadline);
		return outcomes.map((outcome, at) =>
			users[at]?.externalId === 'P4' ? { ok: false, code: 'UnSpecified', message: 'Not now.' } : outcome,
		);
	};
	const next = roster(['C1,P2', 'C1,P4'], ['P1', 'P2', 'P3', 'P4']);
	await carry(await accept(next));
	// P4 could not be written: P1 stays in that class, while P3 leaves the other one.
	expect(members()).toEqual({ C1: ['P1', 'P2'], C2: [] });
	deps.directory.putUsers = whole;
	await carry(await accept(next));
	expect(members()).toEqual({ C1: ['P2', 'P4'], C2: [] });
});

test('a member whom the directory refuses is one error, and the next run tries again; all others are there', async () => {
	const { deps, directory, accept, carry, members } = runWorld();
	await carry(await accept(roster(['C1,P1'])));
	const whole = deps.directory.changeMembers.bind(deps.directory);
	const idOf = (externalId: string) =>
		[...directory.users.values()].find((user) => user.externalId === externalId)?.id as string;
	deps.directory.changeMembers = async (tenantId, changes, deadline) => {
		const bad = idOf('P2');
		const fine = changes.map((change) => ({ ...change, add: change.add.filter((id) => id !== bad), remove: [] }));
		const outcomes = await whole(tenantId, fine, deadline);
		return outcomes.map((outcome, at) => {
			const refused = [...(changes[at]?.add.filter((id) => id === bad) ?? []), ...(changes[at]?.remove ?? [])];
			const why = { code: 'UnSpecified' as const, message: 'Not now.' };
			return refused.length > 0 ? { ...outcome, refused: refused.map((userId) => ({ userId, ...why })) } : outcome;
		});
	};
	const next = roster(['C1,P2', 'C1,P3']);
	const run = await accept(next);
	const result = await carry(run);
	expect(result.tallies.studentEnrollment).toMatchObject({ failed: 2 });
	expect(members().C1).toEqual(['P1', 'P3']);
	const { items } = await deps.errors.list(run.profileId, { size: 9 });
	expect(items.map(({ reportableIdentifier, errorMessage }) => [reportableIdentifier, errorMessage]).sort()).toEqual([
		['P1', 'Not now.'],
		['P2', 'Not now.'],
	]);
	deps.directory.changeMembers = whole;
	await carry(await accept(next));
	expect(members().C1).toEqual(['P2', 'P3']);
});

test('a user who is there, but not whole, has an error and memberships, and is written again by the next run', async () => {
	const { deps, accept, carry, members } = runWorld();
	const whole = deps.directory.putUsers.bind(deps.directory);
	let puts = 0;
	deps.directory.putUsers = async (tenantId, users, deadline) => {
		puts += users.filter(({ externalId }) => externalId === 'P2').length;
		const outcomes = await whole(tenantId, users, deadline);
		const incomplete = { code: 'AzureActiveDirectoryInvalidLicense', message: 'No seats.' } as const;
		return outcomes.map((outcome, at) =>
			outcome.ok && users[at]?.externalId === 'P2' && puts === 1 ? { ...outcome, incomplete } : outcome,
		);
	};
	const first = await carry(await accept(roster(['C1,P1', 'C1,P2'])));
	expect(first.tallies.student).toMatchObject({ failed: 1 });
	expect(members().C1).toEqual(['P1', 'P2']);
	for (const failed of [0, 0]) {
		const again = await carry(await accept(roster(['C1,P1', 'C1,P2'])));
		expect(again.tallies.student?.failed ?? 0).toBe(failed);
	}
	expect(puts).toBe(2);
});

test('a directory that takes longer than a lease goes on for as long as the run is the current one', async () => {
	const { deps, clock, accept, carry, members } = runWorld();
	const whole = deps.directory.putUsers.bind(deps.directory);
	const lefts: number[] = [];
	deps.directory.putUsers = async (tenantId, users, deadline) => {
		if (users.some(({ role }) => role === 'teacher')) return whole(tenantId, users, deadline);
		if (typeof deadline !== 'function') throw new Error('The deadline must be one that moves on.');
		for (let minutes = 0; minutes < 5; minutes++) {
			lefts.push((await deadline()).getTime() - deps.clock.now().getTime());
			clock.pass(50_000);
		}
		return whole(tenantId, users, deadline);
	};
	await carry(await accept(roster(['C1,P1'])));
	expect(members().C1).toEqual(['P1']);
	expect(Math.min(...lefts)).toBeGreaterThanOrEqual(40_000);
});

test('the failures of users that miss two schools are all listed, and no row is sent that is not', async () => {
	const store = fakeSyncErrorStore();
	let sent = 0;
	const errors = {
		...store,
		save: async (...call: Parameters<typeof store.save>) => {
			sent += call[1].length;
			await store.save(...call);
		},
	};
	const log = failureLog(
		{ clock: { now: () => new Date(), sleep: async () => {} }, errors },
		{
			profileId: 'p',
			runId: '0000aaaa-bbbb-8ccc-8ddd-eeeeeeeeeeee',
			kind: 'student',
			number: 0,
		},
	);
	for (let user = 0; user < 2_000; user++)
		for (const school of ['S8', 'S9'])
			log.add({
				entryType: 'SchoolStudents',
				code: 'InvalidLookupReference',
				message: 'There is no such school.',
				joiningValue: String(user),
				reportableIdentifier: school,
			});
	await log.flush();
	expect([log.count, await store.count('p'), sent]).toEqual([4_000, 4_000, 4_000]);
});
