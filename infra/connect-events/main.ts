import { parseArgs } from 'node:util';
import { restClient, signedIn } from '../rest.ts';
import { connectEvents } from './event-subscription.ts';

/** `npm run connect-events`: the last step of `azd up`, and harmless to repeat. */

const usage = `Usage: npm run connect-events -- [options]

Sends the events of uploads to the app. Run it after the code is deployed; again, after a key was rotated.

  --subscription <id>      default: AZURE_SUBSCRIPTION_ID
  --resource-group <name>  default: AZURE_RESOURCE_GROUP
  --app <name>             default: FUNCTION_APP_NAME
  --topic <name>           default: EVENT_TOPIC_NAME

azd sets all of them. You must be signed in by azd or az, as somebody who may change the resource group.
AZURE_MANAGEMENT_ENDPOINT names the management API of a national cloud.
`;

const names = {
	subscription: 'AZURE_SUBSCRIPTION_ID',
	'resource-group': 'AZURE_RESOURCE_GROUP',
	app: 'FUNCTION_APP_NAME',
	topic: 'EVENT_TOPIC_NAME',
} as const;

const say = (line: string) => void process.stdout.write(`${line}\n`);

try {
	const option = { type: 'string' } as const;
	const { values } = parseArgs({
		options: { subscription: option, 'resource-group': option, app: option, topic: option, help: { type: 'boolean' } },
	});
	if (values.help) process.stdout.write(usage);
	else await connect((name) => values[name] ?? process.env[names[name]]);
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}

async function connect(given: (name: keyof typeof names) => string | undefined): Promise<void> {
	const missing = (Object.keys(names) as (keyof typeof names)[]).filter((name) => !given(name));
	if (missing.length > 0) {
		const list = missing.map((name) => `--${name} (or ${names[name]})`).join(', ');
		throw new Error(`Cannot connect events: give ${list}.\n\n${usage}`);
	}
	const endpoint = process.env.AZURE_MANAGEMENT_ENDPOINT ?? 'https://management.azure.com';
	const azure = restClient({
		name: 'Azure',
		endpoint,
		setting: 'AZURE_MANAGEMENT_ENDPOINT',
		needs: 'It takes the role Contributor on the resource group.',
		// Another operation on the same resource.
		passing: [409],
		token: await signedIn(endpoint),
	});
	const connection = {
		subscriptionId: given('subscription') as string,
		resourceGroup: given('resource-group') as string,
		appName: given('app') as string,
		topicName: given('topic') as string,
	};
	const outcome = await connectEvents(azure, connection, say);
	say(`The event subscription "uploads" of ${connection.topicName} is ${outcome}.`);
}
