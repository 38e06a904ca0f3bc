import type { CourseStep } from '../../src/domain/sync/course.ts';
import type { SyncKind } from '../../src/domain/sync/sync-kinds.ts';
import type { ReceivedSpan } from '../../test/support/telemetry/otlp-receiver.ts';
import type { TimedSync } from './measured-host.ts';

/** What a sync spends its time on. `rest` is all that is in no step: the orchestration, and what the host does between steps. */
export const phases = [
	'verify',
	'begin',
	'shard',
	'compare',
	'rekey',
	'weigh',
	'schools',
	'users',
	'sections',
	'school members',
	'class members',
	'read back',
	'finish',
	'rest',
] as const;
export type Phase = (typeof phases)[number];
export type PhaseTimes = Readonly<Record<Phase, number>>;

const phaseOfKind: Readonly<Record<SyncKind, Phase>> = {
	school: 'schools',
	student: 'users',
	teacher: 'users',
	section: 'sections',
	schoolStudent: 'school members',
	schoolTeacher: 'school members',
	studentEnrollment: 'class members',
	teacherRoster: 'class members',
};

const phaseOfStep: Readonly<Record<CourseStep['name'] | 'finishRun', Phase | typeof phaseOfKind>> = {
	beginRun: 'begin',
	takeHistory: 'begin',
	rekey: 'rekey',
	shardRoster: 'shard',
	compareShard: 'compare',
	findRekeyed: 'rekey',
	weighRemovals: 'weigh',
	planRun: 'begin',
	applySlice: phaseOfKind,
	settleNames: 'users',
	readBack: 'read back',
	holdFound: 'read back',
	finishRun: 'finish',
};

interface Stretch {
	phase: Phase;
	from: number;
	to: number;
}

/** Milliseconds by phase, which add up to the whole. Where two stretches overlap, the time counts for the one that began first. */
export function phaseTimes(sync: TimedSync, spans: readonly ReceivedSpan[]): PhaseTimes {
	const times: Record<Phase, number> = Object.fromEntries(phases.map((phase) => [phase, 0])) as never;
	const verification: Stretch = { phase: 'verify', from: sync.startedAt, to: sync.answeredAt };
	const stretches = [verification, ...spans.flatMap(stretchOf)].sort((left, right) => left.from - right.from);
	let at = sync.startedAt;
	for (const { phase, from, to } of stretches) {
		const end = Math.min(to, sync.endedAt);
		times[phase] += Math.max(0, end - Math.max(from, at));
		at = Math.max(at, end);
	}
	const told = Object.values(times).reduce((sum, ms) => sum + ms, 0);
	times.rest = sync.endedAt - sync.startedAt - told;
	return times;
}

function stretchOf({ name, startMs, milliseconds, attributes }: ReceivedSpan): Stretch[] {
	const step = /^sds\.step\.(.+)$/.exec(name)?.[1];
	if (!step) return [];
	const found = phaseOfStep[step as keyof typeof phaseOfStep];
	const phase = typeof found === 'string' ? found : found[attributes['sds.record.kind'] as SyncKind];
	return [{ phase, from: startMs, to: startMs + milliseconds }];
}
