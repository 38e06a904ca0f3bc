import { randomBytes, randomInt } from 'node:crypto';
import { tableDirectoryReader } from './adapters/directory/tables/table-directory-reader.ts';
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
import { systemClock as clock } from './adapters/system-clock.ts';
import { type Telemetry, telemetry } from './adapters/telemetry/telemetry.ts';
import type { DirectoryReader } from './directory-ports.ts';
import { createAccess, type FrontDoor } from './http/requests/access.ts';
import { publicAddress } from './http/requests/public-address.ts';
import { createRateLimit, limitedAccess } from './http/requests/rate-limit.ts';
import type { AuditStore, DueWorkStore, NoticeSender, SecretStore } from './ports.ts';
import { plannedProfiles } from './services/due/planned-profiles.ts';
import { type ReadinessService, readinessService } from './services/readiness.ts';
import type { SyncDeps } from './services/sync/sync-deps.ts';
import { readSettings, type SecretsSettings } from './settings.ts';
import { wiredDirectory } from './wired-directory.ts';

/** What all invocations share: the settings, and the adapters that they choose. */

export const randomHex = () => randomBytes(16).toString('hex');

export interface Parts {
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
	access: Omit<FrontDoor, 'recorded'>;
	readiness: ReadinessService;
	isAutomatic: boolean;
	quietMs: number;
	retentionDays: number;
	undoDays: number;
	maxFileBytes: number;
}

let parts: Parts | undefined;

/** Made on first use, so that a wrong setting is reported by the call that needs it, and a cold start loads little. */
export function wired(): Parts {
	parts ??= wire();
	return parts;
}

/** Undefined as long as nothing has needed them. */
export const partsSoFar = (): Parts | undefined => parts;

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
		...wiredDirectory(settings.directory, account, () => told.throttled('graph')),
		clock,
		hashSeed: () => randomInt(2 ** 32),
		maxRowsPerFile: settings.maxRowsPerFile,
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
