import { expect, test } from 'vitest';
import type { TimedSync } from '../../../bench/sync/measured-host.ts';
import { phaseTimes } from '../../../bench/sync/phase-times.ts';
import type { ReceivedSpan } from '../../support/telemetry/otlp-receiver.ts';

const sync: TimedSync = {
	runId: '',
	startedAt: 1_000,
	answeredAt: 1_100,
	endedAt: 2_000,
	rows: 0,
	added: 0,
	directoryWrites: 0,
};

const span = (name: string, [from, to]: [from: number, to: number], kind = ''): ReceivedSpan => ({
	name,
	traceId: '',
	spanId: '',
	parentSpanId: '',
	isError: false,
	startMs: from,
	milliseconds: to - from,
	links: [],
	attributes: { 'sds.record.kind': kind },
});

test('phaseTimes() adds up to the whole, and what is in no step is the rest', () => {
	const times = phaseTimes(sync, [
		span('sds.run', [1_000, 2_000]),
		span('sds.step.applySlice', [1_500, 1_700], 'teacher'),
		span('sds.step.shardRoster', [1_120, 1_200]),
		span('sds.step.applySlice', [1_450, 1_600], 'student'),
		span('sds.step.compareShard', [1_200, 1_400], 'student'),
		span('sds.step.applySlice', [1_700, 1_900], 'teacherRoster'),
	]);
	expect(times).toMatchObject({ verify: 100, shard: 80, compare: 200, users: 250, 'class members': 200, rest: 170 });
	expect(Object.values(times).reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
});

test('phaseTimes() counts nothing twice, and nothing that comes after the end', () => {
	const times = phaseTimes(sync, [
		// A run begins before its start is answered.
		span('sds.step.beginRun', [1_080, 1_130]),
		span('sds.step.finishRun', [1_950, 2_400]),
	]);
	expect(times).toMatchObject({ verify: 100, begin: 30, finish: 50, rest: 820 });
});
