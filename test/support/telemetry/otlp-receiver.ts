import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { startLoopbackServer } from './loopback-server.ts';
import { type Attribute, type Decoded, decode, type Signal } from './otlp-schema.ts';

type AttributeValues = Record<string, string | number | boolean>;

export interface ReceivedSpan {
	name: string;
	traceId: string;
	spanId: string;
	parentSpanId: string;
	isError: boolean;
	/** Since 1970. */
	startMs: number;
	milliseconds: number;
	links: string[];
	attributes: AttributeValues;
}

interface ReceivedEvent {
	name: string;
	severity: string;
	body: string;
	traceId: string;
	attributes: AttributeValues;
}

/** One data point. A histogram's has the sum, and how many values it is of. */
interface ReceivedPoint {
	name: string;
	unit: string;
	kind: 'gauge' | 'sum' | 'histogram';
	isDelta: boolean;
	value: number;
	count?: number;
	attributes: AttributeValues;
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

function valuesOf(attributes: readonly Attribute[] = []): AttributeValues {
	return Object.fromEntries(attributes.map(({ key, value = {} }) => [key, Object.values(value)[0] ?? '']));
}

const spansOf = ({ resourceSpans = [] }: Decoded): ReceivedSpan[] =>
	resourceSpans
		.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans))
		.map((span) => ({
			name: span.name,
			traceId: hex(span.traceId),
			spanId: hex(span.spanId),
			parentSpanId: hex(span.parentSpanId),
			isError: span.status?.code === 2,
			startMs: span.startTimeUnixNano / 1e6,
			milliseconds: (span.endTimeUnixNano - span.startTimeUnixNano) / 1e6,
			links: (span.links ?? []).map(({ traceId }) => hex(traceId)),
			attributes: valuesOf(span.attributes),
		}));

const eventsOf = ({ resourceLogs = [] }: Decoded): ReceivedEvent[] =>
	resourceLogs
		.flatMap(({ scopeLogs = [] }) => scopeLogs.flatMap(({ logRecords = [] }) => logRecords))
		.map((record) => ({
			name: record.eventName ?? '',
			severity: record.severityText ?? '',
			body: String(Object.values(record.body ?? {})[0]),
			traceId: hex(record.traceId),
			attributes: valuesOf(record.attributes),
		}));

const kinds = ['gauge', 'sum', 'histogram'] as const;

function pointsOf({ resourceMetrics = [] }: Decoded): ReceivedPoint[] {
	const metrics = resourceMetrics.flatMap(({ scopeMetrics = [] }) =>
		scopeMetrics.flatMap(({ metrics: all = [] }) => all),
	);
	return metrics.flatMap((metric) =>
		kinds.flatMap((kind) =>
			(metric[kind]?.dataPoints ?? []).map(({ asDouble, asInt, sum, count = 0, attributes }) => ({
				name: metric.name,
				unit: metric.unit ?? '',
				kind,
				isDelta: metric[kind]?.aggregationTemporality === 1,
				value: asDouble ?? asInt ?? sum ?? 0,
				...(kind === 'histogram' ? { count } : {}),
				attributes: valuesOf(attributes),
			})),
		),
	);
}

export interface OtlpReceiver {
	/** What `OTEL_EXPORTER_OTLP_ENDPOINT` must say. */
	endpoint: string;
	spans: ReceivedSpan[];
	events: ReceivedEvent[];
	points: ReceivedPoint[];
	resources: AttributeValues[];
	headers: Set<string>;
	/** Everything that came, as it came, for a look at what must not be in it. */
	bytes: Buffer[];
	stop(): Promise<void>;
}

/** A collector of OTLP over HTTP in protobuf, as https://opentelemetry.io/docs/specs/otlp/#otlphttp describes it, on loopback. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
	const received: Omit<OtlpReceiver, 'endpoint' | 'stop'> = {
		spans: [],
		events: [],
		points: [],
		resources: [],
		headers: new Set(),
		bytes: [],
	};
	const server = await startLoopbackServer(async (request, response) => {
		const [, signal] = /^\/v1\/(traces|logs|metrics)$/.exec(request.url ?? '') ?? [];
		const raw = await buffer(request);
		const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
		if (!signal || request.method !== 'POST' || !isProtobuf) return void response.writeHead(404).end();
		const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
		const message = decode(signal as Signal, bytes);
		received.bytes.push(bytes);
		for (const [name, value] of Object.entries(request.headers)) received.headers.add(`${name}=${value}`);
		received.spans.push(...spansOf(message));
		received.events.push(...eventsOf(message));
		received.points.push(...pointsOf(message));
		const all = [...(message.resourceSpans ?? []), ...(message.resourceLogs ?? []), ...(message.resourceMetrics ?? [])];
		received.resources.push(...all.map(({ resource }) => valuesOf(resource?.attributes)));
		response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
	});
	return { ...received, endpoint: server.url, stop: server.stop };
}
