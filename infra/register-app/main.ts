import { parseArgs } from 'node:util';
import { restClient, signedIn } from '../rest.ts';
import { registerApplication } from './application.ts';

/** `npm run register-app`: once before the first deployment, and once after it. Harmless to repeat. */

const usage = `Usage: npm run register-app -- [options]

Makes the app registration of the API, or adds what it lacks: scopes, roles, tokens of version 2, the address of the page.
You must be signed in by az or azd, as somebody who may register applications.

  --name <text>           what it is called (default: School Data Sync)
  --unique-name <text>    by which a second run finds it (default: school-data-sync)
  --api-url <url>         where the app is, once it is deployed (default: API_URL)
  --identity <object id>  managed identity of the app that may act as the registration (needs --tenant)
  --tenant <id>           tenant of the registration (default: AZURE_TENANT_ID)

GRAPH_ENDPOINT names Microsoft Graph of a national cloud.
`;

try {
	const option = { type: 'string' } as const;
	const { values } = parseArgs({
		options: {
			name: { ...option, default: 'School Data Sync' },
			'unique-name': { ...option, default: 'school-data-sync' },
			'api-url': option,
			identity: option,
			tenant: option,
			help: { type: 'boolean' },
		},
	});
	if (values.help) process.stdout.write(usage);
	else await register(values);
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}

interface Options {
	name: string;
	'unique-name': string;
	'api-url'?: string | undefined;
	identity?: string | undefined;
	tenant?: string | undefined;
}

async function register(values: Options): Promise<void> {
	const { AZURE_TENANT_ID, API_URL, GRAPH_ENDPOINT = 'https://graph.microsoft.com' } = process.env;
	const tenantId = values.tenant ?? AZURE_TENANT_ID;
	const apiUrl = values['api-url'] ?? API_URL;
	const principalId = values.identity;
	if (principalId && !tenantId) throw new Error(`Cannot trust an identity: give --tenant.\n\n${usage}`);
	const directory = restClient({
		name: 'Microsoft Graph',
		endpoint: `${GRAPH_ENDPOINT.replace(/\/+$/, '')}/v1.0`,
		setting: 'GRAPH_ENDPOINT',
		needs: 'It takes the directory role Application Developer or Application Administrator.',
		token: await signedIn(GRAPH_ENDPOINT),
	});
	const { clientId, changes } = await registerApplication(directory, {
		displayName: values.name,
		uniqueName: values['unique-name'],
		...(apiUrl ? { apiUrl } : {}),
		...(principalId && tenantId ? { identity: { tenantId, principalId } } : {}),
	});
	const lines = changes.length > 0 ? changes : ['All was as it should be.'];
	process.stdout.write(`${lines.join('\n')}\n\nAUTH_AUDIENCE  ${clientId}\n`);
}
