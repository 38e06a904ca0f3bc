import { type Body, type Rest, RestError } from '../rest.ts';

export interface Connection {
	subscriptionId: string;
	resourceGroup: string;
	appName: string;
	topicName: string;
}

export type Outcome = 'created' | 'updated' | 'unchanged';

/** The blob trigger of the app, as its host names it in the webhook. */
const functionName = 'Host.Functions.uploadedFile';

const pollMs = 5_000;
const polls = 60;

/**
 * Makes the event subscription what it must be, and leaves it alone if it is: events of new blobs in upload containers go to the
 * webhook of the app's blob trigger. Its key is in no message.
 * https://learn.microsoft.com/azure/azure-functions/functions-event-grid-blob-trigger
 */
export async function connectEvents(
	azure: Rest,
	connection: Connection,
	say: (line: string) => void,
): Promise<Outcome> {
	const paths = pathsOf(connection);
	const webhook = await webhookOf(azure, connection, say);
	const existing = await azure.get(paths.subscription());
	if (existing && (await isAsWanted(azure, paths.subscription('/getFullUrl'), { existing, webhook })))
		return 'unchanged';
	say(existing ? 'Updating the event subscription …' : 'Creating the event subscription …');
	await azure.put(paths.subscription(), { properties: propertiesFor(webhook) });
	await untilDone(azure, paths.subscription());
	return existing ? 'updated' : 'created';
}

/** https://learn.microsoft.com/rest/api/azure/ */
function pathsOf({ subscriptionId, resourceGroup, appName, topicName }: Connection) {
	const [id, group, app, topic] = [subscriptionId, resourceGroup, appName, topicName].map(encodeURIComponent);
	const providers = `/subscriptions/${id}/resourceGroups/${group}/providers`;
	const subscription = `${providers}/Microsoft.EventGrid/systemTopics/${topic}/eventSubscriptions/uploads`;
	return {
		site: (part = '') => `${providers}/Microsoft.Web/sites/${app}${part}?api-version=2024-04-01`,
		subscription: (part = '') => `${subscription}${part}?api-version=2025-02-15`,
	};
}

/** With the key that the host makes when it first loads the app, which may be minutes after the deployment. */
async function webhookOf(azure: Rest, connection: Connection, say: (line: string) => void): Promise<string> {
	const { appName } = connection;
	const { site } = pathsOf(connection);
	const found = await azure.get(site());
	if (!found) throw new Error(`There is no function app "${appName}" in this resource group. Provision it first.`);
	const { defaultHostName } = found.properties as { defaultHostName: string };
	for (let poll = 1; poll <= polls; poll++) {
		const key = await blobsKey(azure, site('/host/default/listKeys'));
		if (key)
			return `https://${defaultHostName}/runtime/webhooks/blobs?functionName=${functionName}&code=${encodeURIComponent(key)}`;
		if (poll === 1) say('Waiting until the app has started for the first time …');
		await azure.sleep(pollMs);
	}
	throw new Error(
		`The function app "${appName}" has no key "blobs_extension": it has not loaded its blob trigger. Look at its log stream, deploy again, then repeat this.`,
	);
}

async function blobsKey(azure: Rest, keys: string): Promise<string | undefined> {
	try {
		const { systemKeys } = (await azure.post(keys)) as {
			systemKeys?: Record<string, string>;
		};
		return systemKeys?.blobs_extension;
	} catch (error) {
		// A host that does not run yet has no keys to tell.
		if (error instanceof RestError && [400, 404, 502, 503].includes(error.status)) return undefined;
		throw error;
	}
}

/** Upload containers are named by the id of their profile, which begins with one of these. */
const hexadecimal = [...'0123456789abcdef'];
const containers = '/blobServices/default/containers/';

/**
 * At most 25 values in all: https://learn.microsoft.com/azure/event-grid/event-filtering#limitations. An event without the name of a
 * blob would end the host; the host's own containers would make the app call itself.
 */
export const filter = {
	includedEventTypes: ['Microsoft.Storage.BlobCreated'],
	subjectBeginsWith: containers,
	advancedFilters: [
		{ operatorType: 'StringBeginsWith', key: 'subject', values: hexadecimal.map((digit) => `${containers}${digit}`) },
		{
			operatorType: 'StringNotBeginsWith',
			key: 'subject',
			values: [`${containers}azure-`, `${containers}app-package`],
		},
		{ operatorType: 'StringContains', key: 'subject', values: ['/blobs/'] },
	],
};

function propertiesFor(webhook: string) {
	return {
		destination: { endpointType: 'WebHook', properties: { endpointUrl: webhook, maxEventsPerBatch: 1 } },
		eventDeliverySchema: 'EventGridSchema',
		filter,
		retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
	};
}

async function isAsWanted(
	azure: Rest,
	fullUrl: string,
	{ existing, webhook }: { existing: Body; webhook: string },
): Promise<boolean> {
	const properties = existing.properties as Body;
	if (properties.provisioningState !== 'Succeeded') return false;
	const { retryPolicy } = propertiesFor(webhook);
	if (!contains(properties, { filter, retryPolicy })) return false;
	// Azure shows the address without its query, but for who asks for it.
	const { endpointUrl } = await azure.post(fullUrl);
	return endpointUrl === webhook;
}

/** Whether `actual` says all that `wanted` does: Azure adds members of its own. */
function contains(actual: unknown, wanted: unknown): boolean {
	if (typeof wanted !== 'object' || wanted === null) return actual === wanted;
	if (typeof actual !== 'object' || actual === null) return false;
	if (Array.isArray(wanted) && (!Array.isArray(actual) || actual.length !== wanted.length)) return false;
	return Object.entries(wanted).every(([name, value]) => contains((actual as Body)[name], value));
}

async function untilDone(azure: Rest, subscription: string): Promise<void> {
	for (let poll = 1; poll <= polls; poll++) {
		const { provisioningState } = ((await azure.get(subscription))?.properties ?? {}) as Body;
		if (provisioningState === 'Succeeded') return;
		if (provisioningState === 'Failed' || provisioningState === 'Canceled')
			throw new Error(
				`Event Grid did not accept the webhook (${provisioningState}): the app must answer its handshake. See that the app runs, then repeat this.`,
			);
		await azure.sleep(pollMs);
	}
	throw new Error('Event Grid is still busy with the subscription. Repeat this in a few minutes.');
}
