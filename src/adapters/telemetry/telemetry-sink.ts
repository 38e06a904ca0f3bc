import { SeverityNumber } from '@opentelemetry/api-logs';
import type { SyncEvent } from '../../domain/events.ts';
import type { ProfileCounts } from '../../domain/profile-counts.ts';
import type { TelemetrySettings } from '../../settings.ts';
import { eventAttributes, eventName, isBad } from './event-attributes.ts';
import { openExporters } from './exporters.ts';
import { instruments } from './instruments.ts';
import type { Origin, Throttler } from './origin.ts';
import { openProviders } from './providers.ts';
import { contextOf, RunIds, type StepSpan, tellRun, tellStep } from './run-trace.ts';

/** Telemetry with its SDKs loaded. */
export interface TelemetrySink {
	event(event: SyncEvent, origin: Origin & { at: Date }): void;
	step(span: StepSpan): void;
	counts(counts: ProfileCounts): void;
	throttled(by: Throttler): void;
	flush(): Promise<void>;
}

/** Application Insights keeps a log record with this attribute as a custom event, in the table `AppEvents`. */
const customEventName = 'microsoft.custom_event.name';

export async function openSink(settings: TelemetrySettings, onLoss: () => void): Promise<TelemetrySink> {
	const ids = new RunIds();
	const { tracer, logger, meter, flush } = openProviders({
		exporters: await openExporters(settings),
		idGenerator: ids,
		onLoss,
	});
	const metrics = instruments(meter);
	return {
		event(event, { at, ...origin }) {
			const name = eventName(event);
			const bad = isBad(event);
			logger.emit({
				eventName: name,
				timestamp: at,
				severityNumber: bad ? SeverityNumber.WARN : SeverityNumber.INFO,
				severityText: bad ? 'WARN' : 'INFO',
				body: name,
				attributes: {
					...eventAttributes(event, origin.actor),
					...(settings.applicationInsights ? { [customEventName]: name } : {}),
				},
				context: contextOf(event.runId, origin),
			});
			metrics.event(event);
			if (event.name === 'run.finished' || event.name === 'dryRun.finished') tellRun(tracer, ids, event);
		},
		step: (span) => tellStep(tracer, span),
		counts: metrics.counts,
		throttled: metrics.throttled,
		flush,
	};
}
