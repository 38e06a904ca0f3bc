import { describe, expect, test } from 'vitest';
import {
	begun,
	committed,
	ended,
	type HistoryRecord,
	mayStillWrite,
	placeOf,
	rekeyed,
	settled,
	takenOver,
	tellingUntil,
	told,
	wereRead,
} from '../../../../src/domain/sync/history/history.ts';
import { membershipKinds } from '../../../../src/domain/sync/sync-kinds.ts';

/** Run ids are ordered newest first. */
const [older, newer] = ['9-older', '1-newer'];
const of = (runId: string, generation = 'g') => ({ runId, generation });
const place = { kind: 'student', shard: 2, part: 7 } as const;
const now = new Date('2026-03-02T10:00:00Z');
const later = new Date('2026-03-02T10:01:00Z');

const busy = (): HistoryRecord => {
	const record = takenOver(undefined, of(older)) as HistoryRecord;
	return begun({ ...record, files: { student: ['', '', 'old'] } }, older, place, later) as HistoryRecord;
};

describe('the history of a profile', () => {
	test('belongs to its newest run; an older one gets nothing in', () => {
		const record = takenOver(busy(), of(newer)) as HistoryRecord;
		expect(record).toMatchObject({ epoch: newer, slices: {}, files: { student: ['', '', 'old'] } });
		expect(takenOver(record, of(newer))).toBe(record);
		expect(takenOver(record, of(older))).toBeUndefined();
		expect(begun(record, older, place, later)).toBeUndefined();
		expect(committed(record, older, { kind: 'student', shard: 2, file: 'late' })).toBeUndefined();
	});

	test('keeps what an ended run left open until that is settled, whatever dies in between', () => {
		const [second, third] = ['5-second', '1-third'];
		const record = takenOver(takenOver(busy(), of(second)), of(third)) as HistoryRecord;
		expect(record.unsettled).toMatchObject({ runId: older, slices: { 'student/2/7': later.toISOString() } });
		const after = settled(record, { student: ['', '', 'new'] });
		expect(after).toMatchObject({ epoch: third, generation: 'g', files: { student: ['', '', 'new'] }, slices: {} });
		expect(after).not.toHaveProperty('unsettled');
	});

	test('knows of which kinds the directory has not been read back, until the newest run has, and again after a reset', () => {
		const record = takenOver(busy(), of(newer)) as HistoryRecord;
		expect(record.unread).toEqual(membershipKinds);
		const read = wereRead(record, newer, ['studentEnrollment']) as HistoryRecord;
		expect(read.unread).toEqual(membershipKinds.slice(1));
		expect(wereRead(record, older, ['studentEnrollment'])).toBeUndefined();
		expect(takenOver(read, of('0-next'))?.unread).toEqual(membershipKinds.slice(1));
		expect(takenOver(read, of('0-next', 'reset'))?.unread).toEqual(membershipKinds);
	});

	test('makes a new run wait for a step that may still write, until it is over or its time is', () => {
		const record = takenOver(busy(), of(newer)) as HistoryRecord;
		expect(mayStillWrite(record, now)).toBe(true);
		expect(mayStillWrite(record, later)).toBe(false);
		expect(mayStillWrite(ended(record, older, place), now)).toBe(false);
		expect(mayStillWrite(takenOver(undefined, of(newer)) as HistoryRecord, now)).toBe(false);
	});

	test('forgets its files after a reset, and waits all the same', () => {
		const record = takenOver(busy(), of(newer, 'another')) as HistoryRecord;
		expect(record).toMatchObject({ generation: 'another', files: {}, unsettled: { generation: 'g' } });
		expect(mayStillWrite(record, now)).toBe(true);
	});

	test('takes up a shard with all its slices, and leaves the slices of others', () => {
		const other = { kind: 'student', shard: 20, part: 0 } as const;
		const both = begun(busy(), older, other, later) as HistoryRecord;
		const after = committed(both, older, { kind: 'student', shard: 2, file: 'new' }) as HistoryRecord;
		expect(after.files.student).toEqual(['', '', 'new']);
		expect(Object.keys(after.slices).map(placeOf)).toEqual([other]);
	});

	test('hears of the end of a step that nobody knows of any more, and stays as it is', () => {
		const record = takenOver(undefined, of(newer)) as HistoryRecord;
		expect(ended(record, older, place)).toEqual(record);
	});
});

describe('new ids that the directory is yet to be told', () => {
	const before = { student: ['', '', 'old'] };
	const files = { student: ['new', 'new', 'new'] };
	const renamed = () => rekeyed(busy(), older, { before, files, file: 'pairs' }) as HistoryRecord;

	test('are in the history from one moment to the next, and only of what was read', () => {
		expect(renamed()).toMatchObject({ files, rekeying: { file: 'pairs', runId: older } });
		const record = busy();
		expect(rekeyed(record, older, { before: { student: ['else'] }, files, file: 'pairs' })).toBe(record);
		expect(rekeyed(renamed(), older, { before: files, files: before, file: 'other' })).toEqual(renamed());
		expect(rekeyed(record, newer, { before, files, file: 'pairs' })).toBeUndefined();
	});

	test('are left to the next run, which waits until nobody else tells them', () => {
		const telling = tellingUntil(renamed(), older, later) as HistoryRecord;
		expect(mayStillWrite({ ...telling, slices: {} }, now)).toBe(false);
		const taken = takenOver({ ...telling, slices: {} }, of(newer)) as HistoryRecord;
		expect(mayStillWrite(taken, now)).toBe(true);
		expect(mayStillWrite(taken, later)).toBe(false);
		expect(tellingUntil(taken, older, later)).toBeUndefined();
		const own = tellingUntil(taken, newer, later) as HistoryRecord;
		expect([mayStillWrite(own, now), own.rekeying?.file]).toEqual([false, 'pairs']);
		expect(told(own, newer)).not.toHaveProperty('rekeying');
		expect(told(own, older)).toBeUndefined();
	});

	test('are forgotten by a reset, which waits all the same', () => {
		const telling = tellingUntil({ ...renamed(), slices: {} }, older, later) as HistoryRecord;
		const reset = takenOver(telling, of(newer, 'another')) as HistoryRecord;
		expect(reset).not.toHaveProperty('rekeying');
		expect([mayStillWrite(reset, now), mayStillWrite(reset, later)]).toEqual([true, false]);
	});
});
