import type { Meter } from '@opentelemetry/api';
import type { SyncEvent } from '../../domain/events.ts';
import type { ProfileCounts } from '../../domain/profile-counts.ts';
import { changes, durationOf } from './event-attributes.ts';
import type { Throttler } from './origin.ts';

/** Seconds: from a small school's unchanged files to a district's first sync. */
const durations = { unit: 's', advice: { explicitBucketBoundaries: [1, 5, 15, 60, 300, 900, 3_600, 10_800, 36_000] } };

/**
 * The metrics, by the names of docs/operate.md. Ids are no attributes here: they would make a series each, and events and spans
 * have them. What is used of a directory's quota gets its instruments here.
 */
export function instruments(meter: Meter) {
	const runs = meter.createCounter('sds.runs', { unit: '{run}' });
	const runDuration = meter.createHistogram('sds.run.duration', durations);
	const verificationDuration = meter.createHistogram('sds.verification.duration', durations);
	const rows = meter.createCounter('sds.rows', { unit: '{row}' });
	const findings = meter.createCounter('sds.findings', { unit: '{finding}' });
	const records = meter.createCounter('sds.records', { unit: '{record}' });
	const writes = meter.createCounter('sds.directory.writes', { unit: '{request}' });
	const held = meter.createCounter('sds.removals.held', { unit: '{membership}' });
	const throttles = meter.createCounter('sds.throttles', { unit: '{request}' });
	const profiles = meter.createGauge('sds.profiles', { unit: '{profile}' });
	const expiring = meter.createGauge('sds.profiles.expiring', { unit: '{profile}' });
	const overdue = meter.createGauge('sds.profiles.overdue', { unit: '{profile}' });

	function event(happened: SyncEvent): void {
		if (happened.name === 'files.verified') {
			for (const [kind, count] of Object.entries(happened.rows)) rows.add(count, { 'sds.record.kind': kind });
			for (const [severity, count] of Object.entries(happened.findings))
				findings.add(count, { 'sds.finding.severity': severity.toLowerCase() });
			verificationDuration.record(happened.durationMs / 1000, { 'sds.files.accepted': happened.isAccepted });
		}
		if (happened.name !== 'run.finished') return;
		const { outcome, trigger, tallies, directoryWrites, heldRemovals } = happened;
		runs.add(1, { 'sds.run.outcome': outcome, 'sds.run.trigger': trigger });
		runDuration.record(durationOf(happened), { 'sds.run.outcome': outcome });
		writes.add(directoryWrites);
		held.add(heldRemovals);
		for (const [kind, tally] of Object.entries(tallies))
			for (const change of changes)
				records.add(tally[change], { 'sds.record.kind': kind, 'sds.record.change': change });
	}

	function counts({ byStatus, expiring: soon, overdue: late }: ProfileCounts): void {
		for (const [status, count] of Object.entries(byStatus)) profiles.record(count, { 'sds.profile.status': status });
		expiring.record(soon);
		overdue.record(late);
	}

	return { event, counts, throttled: (by: Throttler) => throttles.add(1, { 'sds.throttle.by': by }) };
}
