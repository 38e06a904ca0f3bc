import { setTimeout as pause } from 'node:timers/promises';
import { type ReceivedSpan, startOtlpReceiver } from '../../test/support/telemetry/otlp-receiver.ts';
import { type MeasuredHost, startMeasuredHost, type TimedSync } from './measured-host.ts';
import { type PhaseTimes, phaseTimes } from './phase-times.ts';

export interface TracedSync extends TimedSync {
	phases: PhaseTimes;
}

/** A measured host whose syncs tell what they spent their time on. */
export interface TracedHost extends Omit<MeasuredHost, 'sync'> {
	/** Settles when nothing of the sync is under way any more. */
	sync(folder: string): Promise<TracedSync>;
}

export async function startTracedHost(dataFolder: string, settings: Record<string, string> = {}): Promise<TracedHost> {
	const receiver = await startOtlpReceiver();
	const host = await startMeasuredHost(dataFolder, { ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
	return {
		...host,
		async sync(folder) {
			const sync = await host.sync(folder);
			return { ...sync, phases: phaseTimes(sync, await spansOf(receiver.spans, sync)) };
		},
		async stop() {
			await host.stop();
			await receiver.stop();
		},
	};
}

const pollMs = 20;
/** Far longer than the app keeps spans at the end of a run. */
const maxPolls = 3_000;

/** All steps of a run, once the last of them is told. */
async function spansOf(spans: readonly ReceivedSpan[], { runId }: TimedSync): Promise<readonly ReceivedSpan[]> {
	const traceId = runId.replaceAll('-', '').toLowerCase();
	for (let polls = 0; polls < maxPolls; polls++) {
		const own = spans.filter((span) => span.traceId === traceId);
		if (own.some(({ name }) => name === 'sds.step.finishRun')) return own;
		await pause(pollMs);
	}
	throw new Error(`Cannot measure: run "${runId}" told nothing of its last step.`);
}
