import { isDeepStrictEqual } from 'node:util';
import type { Body, Rest } from '../rest.ts';

export interface Wanted {
	displayName: string;
	/** Names the registration for good, whatever it is called: a second run finds it by this. */
	uniqueName: string;
	/** Where the app is, if it is deployed: its page signs people in. */
	apiUrl?: string;
	/** The managed identity of the app, which may then act as this registration, without any secret. */
	identity?: { tenantId: string; principalId: string };
}

export interface Registered {
	clientId: string;
	/** What had to be done, one sentence each; none if all was as it should be. */
	changes: string[];
}

interface Named {
	id: string;
	value: string;
	[member: string]: unknown;
}

/** Those of Microsoft Graph, by their names. The ids are ours, and never change. */
const scopes: readonly Named[] = [
	scope('7d2b5a4e-1c83-4c0e-9f64-2a0e6f1b9a11', 'EduAdministration.Read', 'Read synchronization profiles'),
	scope('7d2b5a4e-1c83-4c0e-9f64-2a0e6f1b9a12', 'EduAdministration.ReadWrite', 'Manage synchronization profiles'),
];

const roles: readonly Named[] = [
	role('7d2b5a4e-1c83-4c0e-9f64-2a0e6f1b9a21', 'EduAdministration.Read.All', [
		'Application',
		'Read synchronization profiles',
	]),
	role('7d2b5a4e-1c83-4c0e-9f64-2a0e6f1b9a22', 'EduAdministration.ReadWrite.All', [
		'Application',
		'Manage synchronization profiles',
	]),
	role('7d2b5a4e-1c83-4c0e-9f64-2a0e6f1b9a23', 'EduAdministration.Admin', [
		'User',
		'Administrator of School Data Sync',
	]),
];

function scope(id: string, value: string, text: string): Named {
	const consent = {
		adminConsentDisplayName: text,
		adminConsentDescription: `${text} on behalf of the signed-in user.`,
	};
	return { id, value, type: 'Admin', isEnabled: true, ...consent };
}

function role(id: string, value: string, [allowed, text]: [string, string]): Named {
	return { id, value, displayName: text, description: `${text}.`, allowedMemberTypes: [allowed], isEnabled: true };
}

/** Makes the app registration of the API what it must be, and takes nothing away that somebody else has added. */
export async function registerApplication(directory: Rest, wanted: Wanted): Promise<Registered> {
	const changes: string[] = [];
	const path = `/applications(uniqueName='${wanted.uniqueName.replaceAll("'", "''")}')`;
	let application = await directory.get(path);
	if (!application) {
		const { displayName, uniqueName } = wanted;
		application = await directory.post('/applications', { displayName, uniqueName, signInAudience: 'AzureADMyOrg' });
		changes.push(`The app registration "${displayName}" was made.`);
	}
	const clientId = String(application.appId);
	const missing = whatIsMissing(application, wanted);
	if (Object.keys(missing).length > 0) {
		await directory.patch(`/applications/${application.id}`, missing);
		changes.push(`Changed: ${Object.keys(missing).join(', ')}.`);
	}
	if (!(await directory.get(`/servicePrincipals(appId='${clientId}')`))) {
		await directory.post('/servicePrincipals', { appId: clientId });
		changes.push('Its service principal was made.');
	}
	if (wanted.identity && (await trustIdentity(directory, application, wanted.identity)))
		changes.push('The managed identity may act as it.');
	return { clientId, changes };
}

/** The members to change, each whole, since Graph replaces a collection as a whole. */
function whatIsMissing(application: Body, { apiUrl }: Wanted): Record<string, unknown> {
	const { api = {}, spa = {}, optionalClaims } = application as Record<string, Record<string, unknown> | undefined>;
	const uri = `api://${application.appId}`;
	const redirect = apiUrl ? [`${apiUrl.replace(/\/+$/, '')}/portal/`] : [];
	const { accessToken = [], ...otherClaims } = (optionalClaims ?? {}) as { accessToken?: { name: string }[] };
	const hasIdTyp = accessToken.some(({ name }) => name === 'idtyp');
	const target: Record<string, unknown> = {
		identifierUris: union(application.identifierUris, [uri]),
		api: {
			...api,
			requestedAccessTokenVersion: 2,
			oauth2PermissionScopes: named(api?.oauth2PermissionScopes, scopes),
		},
		appRoles: named(application.appRoles, roles),
		spa: { ...spa, redirectUris: union(spa?.redirectUris, redirect) },
		optionalClaims: {
			...otherClaims,
			accessToken: hasIdTyp ? accessToken : [...accessToken, { name: 'idtyp', essential: false }],
		},
	};
	const current: Record<string, unknown> = {
		...application,
		identifierUris: application.identifierUris ?? [],
		spa: { redirectUris: [], ...spa },
	};
	return Object.fromEntries(Object.entries(target).filter(([name, value]) => !isDeepStrictEqual(value, current[name])));
}

function union(existing: unknown, wanted: readonly string[]): string[] {
	const all = (existing ?? []) as string[];
	return [...all, ...wanted.filter((value) => !all.includes(value))];
}

/** What is there stays as it is: an administrator may have changed its words, and grants name its id. */
function named(existing: unknown, wanted: readonly Named[]): Named[] {
	const all = (existing ?? []) as Named[];
	return [...all, ...wanted.filter(({ value }) => !all.some((each) => each.value === value))];
}

/** https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity */
async function trustIdentity(
	directory: Rest,
	{ id }: Body,
	{ tenantId, principalId }: NonNullable<Wanted['identity']>,
): Promise<boolean> {
	const credentials = `/applications/${id}/federatedIdentityCredentials`;
	const known = ((await directory.get(credentials))?.value ?? []) as { subject: string }[];
	if (known.some(({ subject }) => subject === principalId)) return false;
	await directory.post(credentials, {
		name: `managed-identity-${principalId}`,
		issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
		subject: principalId,
		audiences: ['api://AzureADTokenExchange'],
	});
	return true;
}
