import { developmentTenant } from './issuer/token-issuer.ts';

/** Everything that becomes an environment variable before the app loads. */
export interface HostSettings {
	/** The embedded Azurite. */
	connectionString: string;
	port: number;
	/** Of the token issuer. */
	authority: string;
	/** Encrypts secrets at rest: 32 bytes in base64. */
	secretsKey: string;
	/** From the caller; wins over `local.settings.json`. */
	settings: Record<string, string>;
	/** `Values` of `local.settings.json`; one that is empty is as none. */
	localSettings: Record<string, string>;
}

const defaultAudience = 'school-data-sync';
/** Means "the emulator at its usual ports"; here it means the embedded one, whatever its ports are. */
const emulatorConnection = 'UseDevelopmentStorage=true';
const rosterByIdentity = 'ROSTER_STORAGE__blobServiceUri';
const loopbackNames = ['127.0.0.1', 'localhost'];

/** Puts the settings into `environment`, never over a value that is there. */
export function applySettings(host: HostSettings, environment: NodeJS.ProcessEnv): void {
	const wanted: Record<string, string> = {
		AzureWebJobsStorage: host.connectionString,
		// Without it the durable client sends every call to http://localhost:7071.
		WEBSITE_HOSTNAME: `127.0.0.1:${host.port}`,
		AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
		ROSTER_STORAGE: host.connectionString,
		AUTH_AUTHORITY: host.authority,
		AUTH_AUDIENCE: defaultAudience,
		AUTH_TENANTS: developmentTenant,
		SECRETS_KEY: host.secretsKey,
		...Object.fromEntries(Object.entries(host.localSettings).filter(([, value]) => value !== '')),
		...host.settings,
	};
	// Whoever names an account by identity does not mean the embedded one.
	if (environment[rosterByIdentity] || wanted[rosterByIdentity]) delete wanted.ROSTER_STORAGE;
	for (const [name, value] of Object.entries(wanted)) environment[name] ??= value;
	for (const name of Object.keys(wanted)) {
		if (environment[name] === emulatorConnection) environment[name] = host.connectionString;
	}
	for (const name of ['NO_PROXY', 'no_proxy']) environment[name] = withLoopback(environment[name]);
}

/** The durable client honours HTTP_PROXY, and no proxy can reach this machine's loopback address. */
function withLoopback(list: string | undefined): string {
	const names = (list ?? '').split(',').filter((name) => name !== '');
	return [...names, ...loopbackNames.filter((name) => !names.includes(name))].join(',');
}

/** A storage account that is reached with an Entra token, by `X__blobServiceUri` and its neighbours. */
export interface IdentityConnection {
	blobServiceUri: string;
	queueServiceUri: string;
	/** Of a user-assigned managed identity. */
	clientId?: string;
}

/**
 * The storage account of a trigger's `connection`: a connection string, or else an identity-based connection, as on Azure. Refuses
 * accounts elsewhere, whose events are not for this host.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference#common-properties-for-identity-based-connections
 */
export function resolveConnection(connection: unknown, environment: NodeJS.ProcessEnv): string | IdentityConnection {
	const name = typeof connection === 'string' ? connection : 'AzureWebJobsStorage';
	const value = environment[name] || environment[`AzureWebJobs${name}`];
	const resolved = value ? value : identityConnection(name, environment);
	if (resolved === undefined) {
		throw new Error(
			`Cannot resolve the connection "${name}": neither "${name}" nor "AzureWebJobs${name}" is set, nor "${name}__blobServiceUri"`,
		);
	}
	const endpoint =
		typeof resolved === 'string' ? (/(?:^|;)BlobEndpoint=([^;]*)/i.exec(resolved)?.[1] ?? '') : resolved.blobServiceUri;
	if (!loopbackNames.includes(URL.canParse(endpoint) ? new URL(endpoint).hostname : '')) {
		throw new Error(
			`Cannot watch the connection "${name}": it is not on this machine, and the local host takes no events of a real storage account; unset "${name}"`,
		);
	}
	return resolved;
}

/** The blob trigger keeps its events in queues, and on Azure fails at start without them. */
function identityConnection(name: string, environment: NodeJS.ProcessEnv): IdentityConnection | undefined {
	const [blobServiceUri, queueServiceUri] = ['blob', 'queue'].map((part) => environment[`${name}__${part}ServiceUri`]);
	if (!blobServiceUri) return undefined;
	if (!queueServiceUri)
		throw new Error(`Cannot use the connection "${name}" for a blob trigger: "${name}__queueServiceUri" is not set`);
	const clientId = environment[`${name}__clientId`];
	return { blobServiceUri, queueServiceUri, ...(clientId ? { clientId } : {}) };
}
