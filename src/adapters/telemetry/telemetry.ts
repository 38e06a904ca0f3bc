import type { SyncEvent } from '../../domain/events.ts';
import type { ProfileCounts } from '../../domain/profile-counts.ts';
import type { TelemetrySettings } from '../../settings.ts';
import type { Origin, Throttler, TracedStep } from './origin.ts';
import type { TelemetrySink } from './telemetry-sink.ts';

/**
 * Tells OpenTelemetry what happens: docs/operate.md lists the names. Nothing here throws, and nothing but `flush` waits; a
 * collector that is slow or gone costs telemetry, never a run.
 */
export interface Telemetry {
	happened(event: SyncEvent, origin: Origin): void;
	/** Does a step of a run, and tells how long it took and whether it failed. */
	step<T>(step: TracedStep & { name: string; origin: Origin }, work: () => Promise<T>): Promise<T>;
	counted(counts: ProfileCounts): void;
	throttled(by: Throttler): void;
	/** Before the process may be frozen or ended. Waits for `flushMs` at most. */
	flush(): Promise<void>;
}

const flushMs = 3_000;

/** Without a place to send to it does nothing. The SDKs load when there is something to tell. */
export function telemetry(settings: TelemetrySettings): Telemetry {
	if (!settings.otlp && !settings.applicationInsights) return noTelemetry;
	let opening: Promise<TelemetrySink> | undefined;
	const sayLoss = onceAnHour(() => console.error(lossText));
	const tell = (say: (sink: TelemetrySink) => void): void => {
		opening ??= import('./telemetry-sink.ts').then(({ openSink }) => openSink(settings, sayLoss));
		// In the order in which it was told; what cannot be told is lost.
		opening.then(say).catch(() => {});
	};
	return {
		happened: (event, origin) => {
			const at = new Date();
			tell((sink) => sink.event(event, { ...origin, at }));
		},
		async step({ name, run, kind, origin }, work) {
			const start = new Date();
			const end = (isFailed: boolean) => {
				const endTime = new Date();
				tell((sink) => sink.step({ name, run, kind, start, end: endTime, isFailed, origin }));
			};
			try {
				const answer = await work();
				end(false);
				return answer;
			} catch (error) {
				end(true);
				throw error;
			}
		},
		counted: (counts) => tell((sink) => sink.counts(counts)),
		throttled: (by) => tell((sink) => sink.throttled(by)),
		async flush() {
			if (!opening) return;
			const flushed = opening.then((sink) => sink.flush()).catch(() => {});
			let timer: NodeJS.Timeout | undefined;
			const limit = new Promise<void>((resolve) => {
				timer = setTimeout(resolve, flushMs);
			}).then(sayLoss);
			await Promise.race([flushed, limit]);
			clearTimeout(timer);
		},
	};
}

const lossText =
	'Telemetry cannot be sent, and some of it may be lost. Look at OTEL_EXPORTER_OTLP_ENDPOINT and APPLICATIONINSIGHTS_CONNECTION_STRING, and whether what they name answers.';

const hourMs = 3_600_000;

/** What cannot be sent fails batch after batch. */
function onceAnHour(say: () => void): () => void {
	let saidAt = Number.NEGATIVE_INFINITY;
	return () => {
		if (performance.now() - saidAt < hourMs) return;
		saidAt = performance.now();
		say();
	};
}

const noTelemetry: Telemetry = {
	happened: () => {},
	step: (_, work) => work(),
	counted: () => {},
	throttled: () => {},
	flush: async () => {},
};
