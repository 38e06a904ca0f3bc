import { randomBytes } from 'node:crypto';
import {
	type Context,
	ROOT_CONTEXT,
	type SpanContext,
	SpanStatusCode,
	TraceFlags,
	type Tracer,
	trace,
} from '@opentelemetry/api';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';
import type { DryRunFinished, RunFinished } from '../../domain/events.ts';
import type { SyncKind } from '../../domain/sync/sync-kinds.ts';
import type { RunRef } from '../../ports.ts';
import { runAttributes } from './event-attributes.ts';
import type { Origin } from './origin.ts';

/**
 * A run is one trace, though its steps are invocations on several instances: the trace has the run's id, so whoever has one finds the
 * other, and each step is a span below that of the run, with a link to its invocation.
 */
export interface StepSpan {
	name: string;
	run: RunRef;
	/** Of the records that the step is about, if they are of one kind. */
	kind: SyncKind | undefined;
	start: Date;
	end: Date;
	isFailed: boolean;
	origin: Origin;
}

const traceIdOf = (runId: string) => runId.replaceAll('-', '');

/** The random half of the id: every instance gives the span of a run the same one. */
const spanIdOf = (runId: string) => traceIdOf(runId).slice(16);

const runSpan = (runId: string): SpanContext => ({
	traceId: traceIdOf(runId),
	spanId: spanIdOf(runId),
	traceFlags: TraceFlags.SAMPLED,
	isRemote: true,
});

const traceParent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

function invocationOf({ traceParent: header = '' }: Origin): SpanContext | undefined {
	const [, traceId, spanId] = traceParent.exec(header) ?? [];
	return traceId && spanId ? { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true } : undefined;
}

/** The trace that something belongs to: that of its run, or of the invocation in which it happened. */
export function contextOf(runId: string | undefined, origin: Origin): Context {
	const span = runId ? runSpan(runId) : invocationOf(origin);
	return span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}

const idsOf = ({ tenantId, profileId, runId }: RunRef) => ({
	'sds.tenant.id': tenantId,
	'sds.profile.id': profileId,
	'sds.run.id': runId,
});

export function tellStep(tracer: Tracer, { name, run, kind, start, end, isFailed, origin }: StepSpan): void {
	const invocation = invocationOf(origin);
	const links = invocation ? [{ context: invocation }] : [];
	const attributes = { ...idsOf(run), ...(kind ? { 'sds.record.kind': kind } : {}) };
	const options = { startTime: start, attributes, links };
	const span = tracer.startSpan(`sds.step.${name}`, options, contextOf(run.runId, origin));
	if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
	span.end(end);
}

/** The span around all steps: it can only be told when it is over. */
export function tellRun(tracer: Tracer, ids: RunIds, event: RunFinished | DryRunFinished): void {
	const attributes = { ...idsOf(event), ...runAttributes(event) };
	const startTime = new Date(event.startedDateTime);
	ids.next = runSpan(event.runId);
	const span = tracer.startSpan('sds.run', { root: true, startTime, attributes });
	ids.next = undefined;
	if (event.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
	span.end(new Date(event.finishedDateTime));
}

/** Random ids, but for the next span while `next` is set. */
export class RunIds implements IdGenerator {
	next: SpanContext | undefined;

	generateTraceId(): string {
		return this.next?.traceId ?? randomBytes(16).toString('hex');
	}

	generateSpanId(): string {
		return this.next?.spanId ?? randomBytes(8).toString('hex');
	}
}
