import protobuf from 'protobufjs';

/**
 * The messages of OTLP 1.x that a receiver meets, by the field numbers of https://github.com/open-telemetry/opentelemetry-proto.
 * Fields that nobody here looks at are left out, which protobuf allows.
 */
const { root } = protobuf.parse(`
	syntax = "proto3";
	message AnyValue {
		oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
	}
	message KeyValue { string key = 1; AnyValue value = 2; }
	message Resource { repeated KeyValue attributes = 1; }

	message Span {
		bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
		fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
		repeated KeyValue attributes = 9; repeated Link links = 13; Status status = 15;
		message Link { bytes trace_id = 1; bytes span_id = 2; }
		message Status { string message = 2; int32 code = 3; }
	}
	message ScopeSpans { repeated Span spans = 2; }
	message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
	message TracesRequest { repeated ResourceSpans resource_spans = 1; }

	message LogRecord {
		fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
		repeated KeyValue attributes = 6; bytes trace_id = 9; bytes span_id = 10; string event_name = 12;
	}
	message ScopeLogs { repeated LogRecord log_records = 2; }
	message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
	message LogsRequest { repeated ResourceLogs resource_logs = 1; }

	message NumberPoint { fixed64 time_unix_nano = 3; double as_double = 4; sfixed64 as_int = 6; repeated KeyValue attributes = 7; }
	message HistogramPoint { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
	message Gauge { repeated NumberPoint data_points = 1; }
	message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
	message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
	message Metric {
		string name = 1; string unit = 3;
		oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; }
	}
	message ScopeMetrics { repeated Metric metrics = 2; }
	message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
	message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
`);

/** As they are decoded: what was not sent is not there. */
export interface Attribute {
	key: string;
	value?: Record<string, string | number | boolean>;
}

interface FromResource {
	resource?: { attributes?: Attribute[] };
}

interface Span {
	name: string;
	traceId: Uint8Array;
	spanId: Uint8Array;
	parentSpanId?: Uint8Array;
	startTimeUnixNano: number;
	endTimeUnixNano: number;
	attributes?: Attribute[];
	links?: { traceId: Uint8Array }[];
	status?: { code?: number };
}

interface LogRecord {
	eventName?: string;
	severityText?: string;
	body?: Record<string, unknown>;
	traceId?: Uint8Array;
	attributes?: Attribute[];
}

interface Point {
	asDouble?: number;
	asInt?: number;
	sum?: number;
	count?: number;
	attributes?: Attribute[];
}

interface Points {
	dataPoints?: Point[];
	aggregationTemporality?: number;
}

interface Metric {
	name: string;
	unit?: string;
	gauge?: Points;
	sum?: Points;
	histogram?: Points;
}

export interface Decoded {
	resourceSpans?: (FromResource & { scopeSpans?: { spans?: Span[] }[] })[];
	resourceLogs?: (FromResource & { scopeLogs?: { logRecords?: LogRecord[] }[] })[];
	resourceMetrics?: (FromResource & { scopeMetrics?: { metrics?: Metric[] }[] })[];
}

const requests = { traces: 'TracesRequest', logs: 'LogsRequest', metrics: 'MetricsRequest' } as const;
export type Signal = keyof typeof requests;

/** `signal` as the last part of the path of the request. */
export function decode(signal: Signal, bytes: Uint8Array): Decoded {
	const type = root.lookupType(requests[signal]);
	return type.toObject(type.decode(bytes), { longs: Number, bytes: Buffer });
}
