import { randomUUID } from 'node:crypto';
import type { Meter, Tracer } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import {
	AlwaysOnSampler,
	BasicTracerProvider,
	BatchSpanProcessor,
	type IdGenerator,
} from '@opentelemetry/sdk-trace-base';
import type { Exporters } from './exporters.ts';

const serviceName = 'school-data-sync';

export interface ProviderOptions {
	exporters: readonly Exporters[];
	idGenerator: IdGenerator;
	/** Something could not be sent. */
	onLoss: () => void;
}

export interface Providers {
	tracer: Tracer;
	logger: Logger;
	meter: Meter;
	flush(): Promise<void>;
}

/** The SDK's own, and not its global ones, which other packages may have set. Each instance of the app is one of the service. */
export function openProviders({ exporters, idGenerator, onLoss }: ProviderOptions): Providers {
	const resource = resourceFromAttributes({ 'service.name': serviceName, 'service.instance.id': randomUUID() });
	const traces = new BasicTracerProvider({
		resource,
		idGenerator,
		sampler: new AlwaysOnSampler(),
		spanProcessors: exporters.map(({ spans }) => new BatchSpanProcessor(spans)),
	});
	const logs = new LoggerProvider({
		resource,
		processors: exporters.map(({ logs: exporter }) => new BatchLogRecordProcessor({ exporter })),
	});
	const metrics = new MeterProvider({
		resource,
		readers: exporters.map(({ metrics: exporter }) => new PeriodicExportingMetricReader({ exporter })),
	});
	// What an exporter throws may quote what it sent.
	setGlobalErrorHandler(onLoss);
	return {
		tracer: traces.getTracer(serviceName),
		logger: logs.getLogger(serviceName),
		meter: metrics.getMeter(serviceName),
		async flush() {
			await Promise.allSettled([traces.forceFlush(), logs.forceFlush(), metrics.forceFlush()]);
		},
	};
}
