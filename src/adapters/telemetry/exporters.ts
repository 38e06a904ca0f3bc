import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { AggregationTemporalityPreference } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { ApplicationInsightsSettings, OtlpSettings, TelemetrySettings } from '../../settings.ts';
import { credential } from '../storage-account.ts';

/** One place to send to. */
export interface Exporters {
	spans: SpanExporter;
	logs: LogRecordExporter;
	metrics: PushMetricExporter;
}

export async function openExporters({ otlp, applicationInsights }: TelemetrySettings): Promise<readonly Exporters[]> {
	return [
		...(otlp ? [otlpExporters(otlp)] : []),
		...(applicationInsights ? [await applicationInsightsExporters(applicationInsights)] : []),
	];
}

const { DELTA, CUMULATIVE, LOWMEMORY } = AggregationTemporalityPreference;
const temporalities = { delta: DELTA, cumulative: CUMULATIVE, lowmemory: LOWMEMORY } as const;

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp, in protobuf. The packages read the headers from the environment. */
function otlpExporters({ endpoint, temporality }: OtlpSettings): Exporters {
	const url = (signal: string) => `${endpoint.replace(/\/+$/, '')}/v1/${signal}`;
	return {
		spans: new OTLPTraceExporter({ url: url('traces') }),
		logs: new OTLPLogExporter({ url: url('logs') }),
		metrics: new OTLPMetricExporter({ url: url('metrics'), temporalityPreference: temporalities[temporality] }),
	};
}

async function applicationInsightsExporters({
	connectionString,
	identity,
}: ApplicationInsightsSettings): Promise<Exporters> {
	const { AzureMonitorLogExporter, AzureMonitorMetricExporter, AzureMonitorTraceExporter } = await import(
		'@azure/monitor-opentelemetry-exporter'
	);
	const options = {
		connectionString,
		...(identity ? { credential: await credential(identity.clientId) } : {}),
		// The disk of an instance is gone with it.
		disableOfflineStorage: true,
	};
	return {
		spans: new AzureMonitorTraceExporter(options),
		logs: new AzureMonitorLogExporter(options),
		metrics: new AzureMonitorMetricExporter(options),
	};
}
