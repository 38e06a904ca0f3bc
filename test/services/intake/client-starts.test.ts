import { describe, expect, test } from 'vitest';
import { effectiveStatus } from '../../../src/domain/lifecycle.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { asyncRefusal } from '../../support/requests/refusal.ts';
import { dropWorld, faultyStudents, otherStudents, rosterByKind } from '../../support/worlds/drop-world.ts';

describe('a start after an automatic one has taken the files', () => {
	test('answers with its messages, before, while and after its run', async () => {
		const { services, ref, upload, put, drop, settle, runs, status } = await dropWorld();
		upload();
		put('readme.txt', 'no roster');
		await drop();
		const messages = [expect.objectContaining({ type: 'Warning', fileName: 'readme.txt' })];
		expect(await services.starts.start(ref)).toEqual({ accepted: true, messages });
		await settle();
		expect(await services.starts.start(ref)).toEqual({ accepted: true, messages });
		expect(await status()).toBe('success');
		expect(await runs()).toMatchObject([{ reason: 'drop', outcome: 'success' }]);
	});

	test('answers with its messages if it was refused, and verifies nothing again', async () => {
		const { services, ref, upload, drop, runs, status } = await dropWorld();
		upload({ 'Student.csv': faultyStudents });
		await drop();
		expect(await status()).toBe('validationError');
		const { accepted, messages } = await services.starts.start(ref);
		expect(accepted).toBe(false);
		expect(messages).toEqual([expect.objectContaining({ type: 'Error', fileName: 'student.csv' })]);
		expect(await runs()).toHaveLength(1);
	});

	test('verifies again what was refused under other settings', async () => {
		const { services, ref, upload, drop, settle, runs, later } = await dropWorld();
		upload({ 'Student.csv': faultyStudents });
		await drop();
		later(60);
		await services.profiles.update(ref, (definition) => ({ definition }));
		await settle();
		expect((await services.starts.start(ref)).accepted).toBe(false);
		expect(await runs()).toHaveLength(2);
	});

	test('waits for its verification, and answers as that ends', async () => {
		const world = await dropWorld();
		const { services, ref, upload, setId, takeTurns, runs } = world;
		upload();
		let started: Promise<unknown> | undefined;
		let turns = 0;
		takeTurns(async () => {
			// In the middle of the automatic start, when it holds the claim.
			if (++turns === 14) started = services.starts.start(ref);
			await new Promise((resolve) => setImmediate(resolve));
		});
		await services.drops.settle(ref, await setId());
		expect(await started).toEqual({ accepted: true, messages: [] });
		expect(await runs()).toMatchObject([{ reason: 'drop' }]);
	});

	test('runs the newest file of each kind where the client went on uploading', async () => {
		const { services, ref, upload, put, drop, settle, runs, contents, later } = await dropWorld();
		upload();
		await drop();
		await settle();
		later(40);
		put('Student.csv', otherStudents);
		expect(await services.starts.start(ref)).toEqual({ accepted: true, messages: [] });
		const [latest] = await runs();
		expect(latest?.reason).toBe('start');
		expect(await contents(latest?.id)).toEqual(rosterByKind({ 'Student.csv': otherStudents }));
		await settle();
		expect((await runs()).map(({ outcome }) => outcome)).toEqual(['success', 'success']);
	});

	test('waits for its run where the client went on uploading meanwhile', async () => {
		const { services, ref, upload, put, drop, runs, engine, clock, later } = await dropWorld();
		upload();
		await drop();
		later(40);
		put('Student.csv', otherStudents);
		clock.sleep = async () => {
			later(1);
			await engine.step();
		};
		expect((await services.starts.start(ref)).accepted).toBe(true);
		expect(await runs()).toMatchObject([{ reason: 'start' }, { reason: 'drop', outcome: 'success' }]);
	});

	test('does not take the files of the day before for missing ones', async () => {
		const { services, ref, upload, put, drop, settle, later } = await dropWorld();
		upload();
		await drop();
		await settle();
		later(24 * 3600);
		put('Student.csv', otherStudents);
		const { accepted, messages } = await services.starts.start(ref);
		expect(accepted).toBe(false);
		expect(messages.filter(({ description }) => description === 'File is missing.')).toHaveLength(5);
	});

	test('runs its files again if its run has failed or was lost', async () => {
		const { services, ref, upload, drop, settle, runs, engine, later } = await dropWorld();
		upload();
		await drop();
		await engine.step();
		// A crash of the durable storage: the profile says that it is syncing, and nothing is.
		engine.lose(ref.profileId);
		later(60);
		expect((await services.starts.start(ref)).accepted).toBe(true);
		await settle();
		expect(await runs()).toMatchObject([
			{ reason: 'start', outcome: 'success', rows: { student: 4 } },
			{ reason: 'drop', outcome: 'failed' },
		]);
	});

	test('lets it go on if it was paused', async () => {
		const { services, ref, upload, drop, settle, engine, runs, status } = await dropWorld();
		upload();
		await drop();
		await engine.step();
		await services.lifecycle.pause(ref);
		expect(await status()).toBe('paused');
		expect((await services.starts.start(ref)).accepted).toBe(true);
		expect(await status()).toBe('inProgress');
		await settle();
		expect(await runs()).toMatchObject([{ reason: 'drop', outcome: 'success' }]);
	});

	test('is refused where any start is: while the profile is provisioned, and once it has expired', async () => {
		const { services, ref, upload, drop, settle, later } = await dropWorld({ expirationDate: '2026-03-10' });
		upload();
		await drop();
		await settle();
		await services.profiles.update(ref, (definition) => ({ definition }));
		expect((await asyncRefusal(services.starts.start(ref))).code).toBe('BadRequest');
		await settle();
		later(30 * 24 * 3600);
		expect((await asyncRefusal(services.starts.start(ref))).code).toBe('Conflict');
	});

	test('of a client that had started by itself goes on to miss its files, as ever', async () => {
		const { services, ref, upload, settle } = await dropWorld();
		upload();
		await services.starts.start(ref);
		await settle();
		const { accepted, messages } = await services.starts.start(ref);
		expect([accepted, messages.length]).toEqual([false, rosterKinds.length]);
	});
});

describe('a run that stands still', () => {
	test('goes on with the resume, though a mistaken start was refused meanwhile', async () => {
		const { services, ref, upload, settle, engine, runs, status, profile, clock, later } = await dropWorld();
		upload();
		await services.starts.start(ref);
		await engine.step();
		later(60);
		await services.lifecycle.pause(ref);
		expect((await services.starts.start(ref)).accepted).toBe(false);
		expect(await status()).toBe('validationError');
		await services.lifecycle.resume(ref);
		expect(effectiveStatus(await profile(), clock.now())).toBe('inProgress');
		await settle();
		expect(await status()).toBe('success');
		expect((await runs()).map(({ reason, outcome }) => [reason, outcome]).sort()).toEqual([
			['start', 'refused'],
			['start', 'success'],
		]);
	});

	test('and gives way to a start leaves no record open, whatever was refused between', async () => {
		const { services, ref, upload, settle, engine, runs, later } = await dropWorld();
		upload();
		await services.starts.start(ref);
		await engine.step();
		await services.lifecycle.pause(ref);
		later(1);
		await services.starts.start(ref);
		later(1);
		upload();
		expect((await services.starts.start(ref)).accepted).toBe(true);
		await settle();
		expect((await runs()).map(({ outcome }) => outcome)).toEqual(['success', 'refused', 'terminated']);
	});
});

test('an automatic start takes exactly what has rested, and nothing that came in the last moment', async () => {
	const { services, ref, upload, put, setId, runs, takeTurns, uploads } = await dropWorld();
	upload();
	const rested = await setId();
	let turns = 0;
	takeTurns(async () => {
		// Between the look of the automatic start and the list of what it takes.
		if (++turns === 4) put('Student.csv', otherStudents);
	});
	expect(await services.drops.settle(ref, rested)).toEqual({ waitMs: expect.any(Number) });
	takeTurns(async () => {});
	expect(turns).toBeGreaterThan(4);
	expect(await runs()).toEqual([]);
	expect(await uploads.list(ref.profileId, 9)).toHaveLength(6);
	expect(await services.drops.settle(ref, rested)).toEqual({});
});
