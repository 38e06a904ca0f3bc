import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { durableNotices } from './adapters/durable/durable-notices.ts';
import { durableOrchestrations } from './adapters/durable/durable-orchestrations.ts';
import { systemClock as clock } from './adapters/system-clock.ts';
import { eventLine } from './adapters/telemetry/event-attributes.ts';
import type { Origin, TracedStep } from './adapters/telemetry/origin.ts';
import type { DirectoryReader } from './directory-ports.ts';
import type { ProfileExpiring, RunFinished } from './domain/events.ts';
import { newProfileId } from './domain/profile-id.ts';
import { logFailure } from './http/endpoint.ts';
import type { Caller, FrontDoor } from './http/requests/access.ts';
import { publicAddress } from './http/requests/public-address.ts';
import type { Events, Orchestrations } from './ports.ts';
import { dailyAt, hourlyAt, planEveryProfile } from './services/due/chores.ts';
import { doDueWork } from './services/due/due-work.ts';
import { type DropService, dropService } from './services/intake/drops.ts';
import { type ReportService, reportService } from './services/intake/run-reports.ts';
import type { StartService } from './services/intake/start-service.ts';
import { startService } from './services/intake/starts.ts';
import { type UploadService, uploadService } from './services/intake/uploads.ts';
import { type LifecycleService, lifecycleService } from './services/lifecycle.ts';
import { type AnnouncementDeps, announceExpiry, announceRun } from './services/notices/announcements.ts';
import type { DeliveryDeps } from './services/notices/deliveries.ts';
import { type AuditService, auditService, recordAction } from './services/profiles/audit.ts';
import { countAllProfiles } from './services/profiles/profile-census.ts';
import { type ProfileService, profileService } from './services/profiles/profiles.ts';
import type { ProvisioningDeps } from './services/profiles/provisioning.ts';
import { forgetOldRuns } from './services/profiles/retention.ts';
import type { CheckResult, Readiness } from './services/readiness.ts';
import { type ErrorService, errorService } from './services/runs/errors.ts';
import { type PlanService, planService } from './services/runs/plans.ts';
import { type RunService, runService } from './services/runs/runs.ts';
import type { SyncDeps } from './services/sync/sync-deps.ts';
import { type TraceService, traceService } from './services/trace/trace.ts';
import { readAddress, readSettings } from './settings.ts';
import { partsSoFar, randomHex, wired } from './wired-parts.ts';

/** Composition root: the one place that knows settings, adapters and services; `wired-parts.ts` is its lower half. */

export interface Services {
	profiles: ProfileService;
	uploads: UploadService;
	starts: StartService;
	lifecycle: LifecycleService;
	drops: DropService;
	errors: ErrorService;
	runs: RunService;
	plans: PlanService;
	reports: ReportService;
	audit: AuditService;
	traces: TraceService;
	directory: DirectoryReader;
}

export const access = (): FrontDoor => ({ ...wired().access, recorded });

/** For what is open to all, even where other settings are missing. */
export const addressOf = (requested: URL): string => publicAddress(readAddress())(requested);

/** One text that lists every wrong setting; undefined if there is none. */
export function wrongSettings(): string | undefined {
	try {
		readSettings();
		return undefined;
	} catch (error) {
		return (error as Error).message;
	}
}

/** Throws while settings are wrong. */
export const checkReadiness = async (
	context: InvocationContext,
	report: (result: CheckResult) => void,
): Promise<Readiness> => wired().readiness.check(orchestrationsOf(context), report);

/** An invocation, and who asked for it, if somebody did. */
interface Invocation {
	context: InvocationContext;
	caller?: Caller;
}

function originOf({ context, caller }: Invocation): Origin {
	const actor = caller && { id: caller.actorId, ...(caller.appId ? { appId: caller.appId } : {}) };
	return { ...(actor ? { actor } : {}), traceParent: context.traceContext?.traceParent };
}

/** What happens in this invocation, to its log and to telemetry. */
function eventsOf(invocation: Invocation): Events {
	const origin = originOf(invocation);
	return {
		happened(event) {
			invocation.context.log(eventLine(event, origin.actor));
			wired().telemetry.happened(event, origin);
			if (origin.actor)
				keepRecord(invocation.context, recordAction({ ...wired(), clock, randomHex }, event, origin.actor));
			if (event.name === 'run.finished' || event.name === 'profile.expiring')
				keepRecord(invocation.context, announce(invocation.context, event), 'notice');
		},
	};
}

const records = new WeakMap<InvocationContext, Promise<void>[]>();

/** What was done is done, whether it can be recorded or not. */
function keepRecord(context: InvocationContext, record: Promise<void>, part = 'audit'): void {
	const own = records.get(context) ?? [];
	records.set(context, own);
	own.push(record.catch((error: unknown) => logFailure(context, error, part)));
}

/** Waits until all that has happened in an invocation is recorded, and said to those who want to know. */
export async function recorded(context: InvocationContext): Promise<void> {
	await Promise.all(records.get(context) ?? []);
}

/** The invocation must have the durable client as an extra input. */
const announcementDeps = (context: InvocationContext): AnnouncementDeps => ({
	...wired().sync,
	queue: durableNotices(df.getClient(context)),
	address: wired().publicUrl,
});

async function announce(context: InvocationContext, event: RunFinished | ProfileExpiring): Promise<void> {
	const deps = announcementDeps(context);
	await (event.name === 'run.finished' ? announceRun(deps, event) : announceExpiry(deps, event));
}

/** For sending notices. */
export const deliveryDeps = (context: InvocationContext): DeliveryDeps => ({
	...syncDeps(context),
	secrets: wired().secrets,
	sender: wired().notices,
});

/** For the steps of a run. */
export const syncDeps = (context: InvocationContext): SyncDeps => ({
	...wired().sync,
	events: eventsOf({ context }),
});

/** For making and removing profiles. */
export const provisioningDeps = (context: InvocationContext): ProvisioningDeps => ({
	...syncDeps(context),
	secrets: wired().secrets,
	audit: wired().audit,
});

/** Does a step of a run, and tells telemetry of it. */
export const tracedStep = <T>(context: InvocationContext, step: TracedStep, work: () => Promise<T>): Promise<T> =>
	wired().telemetry.step({ ...step, name: context.functionName, origin: originOf({ context }) }, work);

/** Sends what telemetry still keeps. */
export const flushTelemetry = async (): Promise<void> => partsSoFar()?.telemetry.flush();

/** Of the function's own invocation: it must have the durable client as an extra input. */
export function orchestrationsOf(context: InvocationContext): Orchestrations {
	return durableOrchestrations(df.getClient(context));
}

/** Does what is due, of all profiles and of the deployment. */
export async function doWhatIsDue(context: InvocationContext): Promise<void> {
	const { due, tenants, telemetry: told } = wired();
	const { drops, lifecycle } = servicesFor({ context });
	const profileWork = { ...launchDeps({ context }), drops, lifecycle };
	try {
		if ((await doDueWork({ due, clock, tenants, profileWork, chores: choresOf(context) })) > 0) await told.flush();
	} catch (error) {
		for (const each of error instanceof AggregateError ? error.errors : []) logFailure(context, each, 'due work');
		await told.flush();
		throw error;
	}
}

function choresOf(context: InvocationContext) {
	const { due, sync, tenants, retentionDays, undoDays, telemetry: told } = wired();
	const orchestrations = orchestrationsOf(context);
	return {
		census: { nextAfter: hourlyAt(7), work: async () => told.counted(await countAllProfiles(sync, tenants)) },
		retention: {
			nextAfter: dailyAt(2, 23),
			work: () => forgetOldRuns({ ...sync, orchestrations, retentionDays, undoDays }, tenants),
		},
		replanning: { nextAfter: dailyAt(2, 53), work: () => planEveryProfile({ ...sync, due }, tenants) },
	};
}

function launchDeps(invocation: Invocation) {
	const sync: SyncDeps = { ...wired().sync, events: eventsOf(invocation) };
	const { actor } = originOf(invocation);
	return { ...sync, orchestrations: orchestrationsOf(invocation.context), randomHex, ...(actor ? { actor } : {}) };
}

export function servicesFor(invocation: Invocation): Services {
	const { secrets, maxProfiles, directory, isAutomatic, quietMs, maxFileBytes, undoDays } = wired();
	const launch = launchDeps(invocation);
	const { orchestrations } = launch;
	const sync: SyncDeps = launch;
	const starts = startService({ ...launch, maxFileBytes });
	const newId = () => newProfileId(clock.now(), randomHex());
	return {
		profiles: profileService({ ...sync, secrets, orchestrations, newId, ...(maxProfiles ? { maxProfiles } : {}) }),
		uploads: uploadService(sync),
		starts,
		lifecycle: lifecycleService({ ...launch, starts, undoDays }),
		drops: dropService({ ...sync, orchestrations, starts, isAutomatic, quietMs }),
		errors: errorService(sync),
		runs: runService(sync),
		plans: planService(sync),
		reports: reportService(sync),
		audit: auditService({ ...sync, audit: wired().audit }),
		traces: traceService({ ...sync, directoryReader: directory }),
		directory,
	};
}
