import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { tableDirectory } from './adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from './adapters/directory/tables/table-directory-reader.ts';
import { durableNotices } from './adapters/durable/durable-notices.ts';
import { durableOrchestrations } from './adapters/durable/durable-orchestrations.ts';
import { httpsNotices } from './adapters/notices/https-notices.ts';
import { encryptedTableSecrets } from './adapters/secrets/encrypted-table-secrets.ts';
import { keyVaultSecrets } from './adapters/secrets/key-vault-secrets.ts';
import { noSecrets } from './adapters/secrets/no-secrets.ts';
import { type StorageAccount, storageAccount } from './adapters/storage-account.ts';
import { tableAuditStore } from './adapters/stores/audit-store.ts';
import { tableDueWorkStore } from './adapters/stores/due-work-store.ts';
import { tableHistoryStore } from './adapters/stores/history-store.ts';
import { tableProfileStore } from './adapters/stores/profile-store.ts';
import { blobRosterStore } from './adapters/stores/roster-store.ts';
import { tableRunStore } from './adapters/stores/run-store.ts';
import { tableSyncErrorStore } from './adapters/stores/sync-error-store.ts';
import { uploadSigner } from './adapters/stores/upload-signer.ts';
import { blobUploadStore } from './adapters/stores/upload-store.ts';
import { eventLine } from './adapters/telemetry/event-attributes.ts';
import type { Origin } from './adapters/telemetry/origin.ts';
import { type Telemetry, telemetry } from './adapters/telemetry/telemetry.ts';
import type { DirectoryReader } from './directory-ports.ts';
import type { ProfileExpiring, RunFinished } from './domain/events.ts';
import { newProfileId } from './domain/profile-id.ts';
import { logFailure } from './http/endpoint.ts';
import { type Caller, createAccess, type FrontDoor } from './http/requests/access.ts';
import { publicAddress } from './http/requests/public-address.ts';
import { createRateLimit, limitedAccess } from './http/requests/rate-limit.ts';
import type {
	AuditStore,
	Clock,
	DueWorkStore,
	Events,
	NoticeSender,
	Orchestrations,
	RunRef,
	SecretStore,
} from './ports.ts';
import { dailyAt, hourlyAt, planEveryProfile } from './services/due/chores.ts';
import { doDueWork } from './services/due/due-work.ts';
import { plannedProfiles } from './services/due/planned-profiles.ts';
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
import { type CheckResult, type Readiness, type ReadinessService, readinessService } from './services/readiness.ts';
import { type ErrorService, errorService } from './services/runs/errors.ts';
import { type PlanService, planService } from './services/runs/plans.ts';
import { type RunService, runService } from './services/runs/runs.ts';
import type { SyncDeps } from './services/sync/sync-deps.ts';
import { type TraceService, traceService } from './services/trace/trace.ts';
import { readAddress, readSettings, type SecretsSettings } from './settings.ts';

/** Composition root: the one place that knows settings, adapters and services. */

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

const clock: Clock = {
	now: () => new Date(),
	sleep: async (milliseconds) => {
		await pause(milliseconds);
	},
};

const randomHex = () => randomBytes(16).toString('hex');

interface Parts {
	/** All but whom to tell: that is each invocation's own. */
	sync: Omit<SyncDeps, 'events'>;
	due: DueWorkStore;
	telemetry: Telemetry;
	tenants: readonly string[];
	secrets: SecretStore;
	audit: AuditStore;
	notices: NoticeSender;
	/** Where clients reach the API, for links that no request has asked for. */
	publicUrl: string;
	maxProfiles?: number;
	directory: DirectoryReader;
	access: FrontDoor;
	readiness: ReadinessService;
	isAutomatic: boolean;
	quietMs: number;
	retentionDays: number;
	undoDays: number;
	maxFileBytes: number;
}

/** Small enough that a kill, a pause or a quota costs little; large enough that a step is worth its messages. */
const recordsPerSlice = 10_000;

let parts: Parts | undefined;

/** Made on first use, so that a wrong setting is reported by the call that needs it, and a cold start loads little. */
function wired(): Parts {
	parts ??= wire();
	return parts;
}

function wire(): Parts {
	const settings = readSettings();
	const told = telemetry(settings.telemetry);
	const account = storageAccount(settings.rosterStorage, () => told.throttled('tables'));
	const signer = uploadSigner(account, { permissions: settings.uploadSasPermissions, now: clock.now });
	const due = tableDueWorkStore(account);
	const sync: Parts['sync'] = {
		profiles: plannedProfiles(tableProfileStore(account), due),
		runs: tableRunStore(account),
		errors: tableSyncErrorStore(account),
		histories: tableHistoryStore(account),
		uploads: blobUploadStore(account, signer),
		rosters: blobRosterStore(account),
		directory: tableDirectory(account),
		clock,
		hashSeed: () => randomInt(2 ** 32),
		maxRowsPerFile: settings.maxRowsPerFile,
		recordsPerSlice,
		...(settings.storageLostAt ? { storageLostAt: settings.storageLostAt } : {}),
	};
	const secrets = secretStore(settings.secrets, account);
	const directory = tableDirectoryReader(account);
	// Any of them will do: nothing is looked for that a tenant has.
	const tenantId = settings.auth.tenants[0] as string;
	return {
		sync,
		due,
		telemetry: told,
		tenants: settings.auth.tenants,
		secrets,
		audit: tableAuditStore(account),
		notices: httpsNotices({ allowsPrivate: settings.notifiesPrivate }),
		publicUrl: publicAddress(settings.address)(new URL(`http://${settings.address.siteHost ?? 'localhost'}`)),
		...(settings.maxProfiles ? { maxProfiles: settings.maxProfiles } : {}),
		directory,
		readiness: readinessService({ ...sync, secrets, directory, tenantId }),
		access: {
			...limitedAccess(
				createAccess(settings.auth),
				createRateLimit({ requestsPerMinute: settings.requestsPerMinute, now: clock.now }),
				() => told.throttled('api'),
			),
			addressOf: publicAddress(settings.address),
			recorded,
		},
		isAutomatic: settings.isAutoStartOn,
		quietMs: settings.quietMs,
		retentionDays: settings.retentionDays,
		undoDays: settings.undoDays,
		maxFileBytes: settings.maxFileBytes,
	};
}

function secretStore(settings: SecretsSettings, account: StorageAccount): SecretStore {
	if (settings.kind === 'keyVault') return keyVaultSecrets(settings);
	return settings.kind === 'encryptedTable' ? encryptedTableSecrets(account, settings.key) : noSecrets();
}

export const access = (): FrontDoor => wired().access;

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
export const tracedStep = <T>(context: InvocationContext, run: RunRef, work: () => Promise<T>): Promise<T> =>
	wired().telemetry.step({ name: context.functionName, run, origin: originOf({ context }) }, work);

/** Sends what telemetry still keeps. */
export const flushTelemetry = async (): Promise<void> => parts?.telemetry.flush();

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
