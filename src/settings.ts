import { z } from 'zod';

const guid = z.guid({ error: 'must be GUIDs, separated by commas' }).transform((value) => value.toLowerCase());

const number = () =>
	z.coerce.number({ error: ({ code }) => (code === 'invalid_type' ? 'must be a number' : undefined) });

const oneOf = <const Choices extends readonly string[]>(choices: Choices) =>
	z.enum(choices, { error: `must be ${choices.join(' or ')}` });
const urlOf = (value: string) => (URL.canParse(value) ? new URL(value) : undefined);
const isAzure = () => process.env.WEBSITE_INSTANCE_ID !== undefined;
const isLoopback = (url: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);

const isSecure = (url: URL) => url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));

const publicUrl = z
	.string()
	.refine(
		(value) => {
			const url = urlOf(value);
			return url && url.username + url.password + url.search + url.hash === '' && isSecure(url);
		},
		{ error: 'must be an https URL without user name, query and fragment, such as https://sds.contoso.edu/api' },
	)
	.optional();

const isServiceUri = (value: string) => URL.canParse(value) && isSecure(new URL(value));

const graphUrl = z.string().refine(
	(value) => {
		const url = urlOf(value);
		return url !== undefined && isSecure(url) && (url.protocol === 'https:' || !isAzure());
	},
	{ error: 'must be an https URL such as https://graph.microsoft.com (http is for a stand-in on a developer machine)' },
);

/** Where a service of the roster account is; http is for an emulator on this machine. */
const serviceUri = z
	.string()
	.refine(isServiceUri, { error: 'must be an https URL such as https://<account>.<service>.core.windows.net' })
	.optional();

const temporality = z
	.string()
	.toLowerCase()
	.pipe(oneOf(['delta', 'cumulative', 'lowmemory']));

const serverUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' });

const authority = z.string().refine(
	(value) => {
		const url = urlOf(value);
		return url !== undefined && (url.protocol === 'https:' || (isLoopback(url) && !isAzure()));
	},
	{ error: 'must be an https URL (http is for a loopback address on a developer machine)' },
);

/** The app's environment. One schema, read once; the README, the sample of local settings and the template list the same names. */
export const settingsSchema = z.object({
	/** Connection string of the roster storage account: local development only, in Azure the two URIs below take its place. */
	ROSTER_STORAGE: z.string().min(1).optional(),
	ROSTER_STORAGE__blobServiceUri: serviceUri,
	ROSTER_STORAGE__tableServiceUri: serviceUri,
	/** Client id of the user-assigned managed identity, if that is the one to use. */
	ROSTER_STORAGE__clientId: z.string().optional(),
	/** Issuer of the tokens: `<authority>/<tenant>/v2.0`. */
	AUTH_AUTHORITY: authority.default('https://login.microsoftonline.com'),
	/** Application (client) id of this API's app registration; `api://<id>` is accepted too. */
	AUTH_AUDIENCE: z.string().min(1, 'must be the client id of the API app registration'),
	/** Tenants that may use this deployment, separated by commas. */
	AUTH_TENANTS: z
		.string()
		.min(1)
		.transform((value) => value.split(',').map((part) => part.trim()))
		.pipe(z.array(guid)),
	/** Directory roles whose holders may use the API by delegation, as role template ids. Default: Global Administrator. */
	AUTH_ADMIN_ROLES: z
		.string()
		.default('62e90394-69f5-4237-9190-012177145e10')
		.transform((value) => value.split(',').map((part) => part.trim()))
		.pipe(z.array(guid)),
	/** Where clients reach this API, if a gateway or proxy stands before it; a path may follow the host. */
	PUBLIC_URL: publicUrl,
	/** Set by Azure, and by local hosts, for every app. */
	WEBSITE_HOSTNAME: z.string().optional(),
	/** Per caller and instance; 0 means no limit. */
	RATE_LIMIT_PER_MINUTE: number().int().min(0).default(1200),
	/** Profiles that a tenant may have; no limit by default. */
	MAX_PROFILES: number().int().positive().optional(),
	/** Where the client secrets of OneRoster and PowerSchool servers are kept. */
	KEY_VAULT_URI: z
		.url({ protocol: /^https$/, error: 'must be an https URL such as https://<name>.vault.azure.net' })
		.optional(),
	/** Where there is no vault: encrypts those secrets in Table Storage. */
	SECRETS_KEY: z
		.base64({ error: 'must be 32 random bytes in base64' })
		.transform((value) => Buffer.from(value, 'base64'))
		.refine((key) => key.length === 32, { error: 'must be 32 random bytes in base64' })
		.optional(),
	/** What syncs write to: Microsoft Entra ID through Microsoft Graph, or the directory in the app's own tables. */
	DIRECTORY: oneOf(['embedded', 'graph']).default('embedded'),
	/** Of a national cloud, or a stand-in. */
	GRAPH_BASE_URL: graphUrl.default('https://graph.microsoft.com'),
	/** Whether members of classes go twenty to a request, over the endpoints of groups, or one by one, over those of rosters alone. */
	GRAPH_STRATEGY: oneOf(['packed', 'education']).default('packed'),
	/** Whether six uploaded files start a sync by themselves once they have rested; `start` does in any case. */
	AUTO_START: oneOf(['on', 'off']).default('on'),
	/** How long uploads must rest before they start a sync by themselves. */
	QUIET_SECONDS: number().min(0).max(600).default(30),
	/** What an upload URL may do: `cw` lets nobody read pupils' data back; `rcw` suits tools that check the length. */
	UPLOAD_SAS_PERMISSIONS: oneOf(['cw', 'rcw']).default('cw'),
	/** Whether notices may go to private addresses, which lead into a network; off keeps whoever may change a profile out of there. */
	NOTIFY_PRIVATE: oneOf(['on', 'off']).default('off'),
	/** Where telemetry goes by OTLP over HTTP, such as http://localhost:4318; nowhere by default. */
	OTEL_EXPORTER_OTLP_ENDPOINT: serverUrl.optional(),
	/** What that place asks for, as `name=value`, separated by commas. It may be secret. */
	OTEL_EXPORTER_OTLP_HEADERS: z.string().optional(),
	/** Whether counters tell what has been added since they were sent last, or since the start of the instance. */
	OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality.default('delta'),
	/** The Application Insights that telemetry goes to, also that of the Functions host. */
	APPLICATIONINSIGHTS_CONNECTION_STRING: z
		.string()
		.regex(/(^|;)InstrumentationKey=/i, { error: 'must be a connection string with InstrumentationKey=…' })
		.optional(),
	/** By which identity, where it takes no keys. */
	APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
		.string()
		.regex(/(^|;)Authorization=AAD(;|$)/i, {
			error: 'must be Authorization=AAD, or ClientId=<client id>;Authorization=AAD',
		})
		.optional(),
	/** Set by the embedded host when its storage may have lost something: runs from before then are not to be relied on. */
	STORAGE_LOST_AT: z.iso.datetime().optional(),
	/** How long records of runs, and the platform's histories of what has ended, are kept. */
	RETENTION_DAYS: number().int().min(1).default(365),
	UNDO_DAYS: number().int().min(1).default(30),
	MAX_ROWS_PER_FILE: number().int().positive().default(10_000_000),
	MAX_FILE_MEGABYTES: number().positive().default(2_000),
});

type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
	rosterStorage: StorageSettings;
	auth: { authority: string; audience: string; tenants: readonly string[]; adminRoles: readonly string[] };
	address: { publicUrl?: string | undefined; siteHost?: string | undefined };
	requestsPerMinute: number;
	maxProfiles?: number;
	secrets: SecretsSettings;
	directory: DirectorySettings;
	isAutoStartOn: boolean;
	quietMs: number;
	uploadSasPermissions: 'cw' | 'rcw';
	notifiesPrivate: boolean;
	retentionDays: number;
	/** How long a run can be undone, and the roster before it is kept for that. */
	undoDays: number;
	maxRowsPerFile: number;
	maxFileBytes: number;
	storageLostAt?: Date;
	telemetry: TelemetrySettings;
}

/** Where telemetry goes to; each absent if it does not go there. */
export interface TelemetrySettings {
	otlp?: OtlpSettings;
	applicationInsights?: ApplicationInsightsSettings;
}

export interface OtlpSettings {
	endpoint: string;
	temporality: 'delta' | 'cumulative' | 'lowmemory';
}

export interface ApplicationInsightsSettings {
	connectionString: string;
	/** Without it the key of the connection string will do. */
	identity?: { clientId?: string };
}

export type SecretsSettings =
	| { kind: 'keyVault'; uri: string; clientId?: string }
	| { kind: 'encryptedTable'; key: Buffer }
	| { kind: 'none' };

export type DirectorySettings =
	| { kind: 'embedded' }
	| { kind: 'graph'; baseUrl: string; strategy: 'packed' | 'education'; clientId?: string };

export type StorageSettings =
	| { kind: 'connectionString'; connectionString: string }
	| { kind: 'identity'; blobServiceUri: string; tableServiceUri: string; clientId?: string };

/** Throws one error that lists every wrong setting by name, never by value. */
export function readSettings(environment: Environment = process.env): Settings {
	const given = withoutEmpty(environment);
	const parsed = settingsSchema.safeParse(given);
	const storage = storageSettings(given);
	if (!parsed.success || !storage) {
		const wrong = (parsed.error?.issues ?? []).map((issue) => `${String(issue.path[0])}: ${wordsOf(issue, given)}`);
		const lines = [...(storage ? [] : [noStorage]), ...wrong].map((line) => `  ${line}`);
		throw new Error(`Cannot serve: these settings are missing or wrong.\n${lines.join('\n')}`);
	}
	const env = parsed.data;
	return {
		rosterStorage: storage,
		auth: {
			authority: env.AUTH_AUTHORITY.replace(/\/+$/, ''),
			audience: env.AUTH_AUDIENCE,
			tenants: env.AUTH_TENANTS,
			adminRoles: env.AUTH_ADMIN_ROLES,
		},
		address: { publicUrl: env.PUBLIC_URL, siteHost: env.WEBSITE_HOSTNAME },
		requestsPerMinute: env.RATE_LIMIT_PER_MINUTE,
		...(env.MAX_PROFILES ? { maxProfiles: env.MAX_PROFILES } : {}),
		secrets: secretsSettings(env),
		directory: directorySettings(env),
		isAutoStartOn: env.AUTO_START === 'on',
		quietMs: env.QUIET_SECONDS * 1000,
		uploadSasPermissions: env.UPLOAD_SAS_PERMISSIONS,
		notifiesPrivate: env.NOTIFY_PRIVATE === 'on',
		retentionDays: env.RETENTION_DAYS,
		undoDays: env.UNDO_DAYS,
		maxRowsPerFile: env.MAX_ROWS_PER_FILE,
		maxFileBytes: env.MAX_FILE_MEGABYTES * 1_000_000,
		telemetry: telemetrySettings(env),
		...(env.STORAGE_LOST_AT ? { storageLostAt: new Date(env.STORAGE_LOST_AT) } : {}),
	};
}

/** A parameter of the template that nobody gave, and a line of the sample that nobody filled in, arrive as an empty text. */
function withoutEmpty(environment: Environment): Environment {
	return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
}

/** A value that is not there is missing, whatever zod expected. */
function wordsOf({ path: [name], message }: z.core.$ZodIssue, environment: Environment): string {
	return environment[String(name)] === undefined ? 'is missing' : message;
}

function telemetrySettings(env: z.output<typeof settingsSchema>): TelemetrySettings {
	const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT;
	const connectionString = env.APPLICATIONINSIGHTS_CONNECTION_STRING;
	const authentication = env.APPLICATIONINSIGHTS_AUTHENTICATION_STRING;
	const [, clientId] = /(?:^|;)ClientId=([^;]+)/i.exec(authentication ?? '') ?? [];
	const identity = authentication === undefined ? {} : { identity: clientId ? { clientId } : {} };
	const temporality = env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE;
	return {
		...(endpoint ? { otlp: { endpoint, temporality } } : {}),
		...(connectionString ? { applicationInsights: { connectionString, ...identity } } : {}),
	};
}

/** What the description needs, which is shown whatever else is wrong; then a wrong `PUBLIC_URL` is as none. */
export function readAddress(environment: Environment = process.env): Settings['address'] {
	return {
		publicUrl: publicUrl.safeParse(withoutEmpty(environment).PUBLIC_URL).data,
		siteHost: environment.WEBSITE_HOSTNAME,
	};
}

function secretsSettings(env: z.infer<typeof settingsSchema>): SecretsSettings {
	const clientId = env.ROSTER_STORAGE__clientId;
	if (env.KEY_VAULT_URI) return { kind: 'keyVault', uri: env.KEY_VAULT_URI, ...(clientId ? { clientId } : {}) };
	return env.SECRETS_KEY ? { kind: 'encryptedTable', key: env.SECRETS_KEY } : { kind: 'none' };
}

function directorySettings(env: z.infer<typeof settingsSchema>): DirectorySettings {
	if (env.DIRECTORY === 'embedded') return { kind: 'embedded' };
	const clientId = env.ROSTER_STORAGE__clientId;
	const { GRAPH_BASE_URL: baseUrl, GRAPH_STRATEGY: strategy } = env;
	return { kind: 'graph', baseUrl: baseUrl.replace(/\/+$/, ''), strategy, ...(clientId ? { clientId } : {}) };
}

const noStorage =
	'ROSTER_STORAGE: is missing: set it to a connection string (local), or ROSTER_STORAGE__blobServiceUri and ROSTER_STORAGE__tableServiceUri (Azure, by managed identity)';

/** Undefined if it is not said where rosters are kept. */
function storageSettings(env: Environment): StorageSettings | undefined {
	if (env.ROSTER_STORAGE) return { kind: 'connectionString', connectionString: env.ROSTER_STORAGE };
	const { ROSTER_STORAGE__blobServiceUri: blobServiceUri, ROSTER_STORAGE__tableServiceUri: tableServiceUri } = env;
	if (!blobServiceUri || !tableServiceUri) return undefined;
	const clientId = env.ROSTER_STORAGE__clientId;
	return { kind: 'identity', blobServiceUri, tableServiceUri, ...(clientId ? { clientId } : {}) };
}
