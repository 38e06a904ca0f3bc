import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type Body = Record<string, unknown>;

/** Azure's management API as far as an event subscription needs it: with its states, its delays and its handshake. */
export interface ManagementStandIn {
	url: string;
	/** Every request: method and path, without the query. */
	requests: string[];
	/** System keys of the function app; empty until its host has started. */
	systemKeys: Record<string, string>;
	/** How often the keys are asked for before the host has started. */
	startsAfter: number;
	/** Answers before the real ones, by method: a status and, perhaps, seconds to wait. */
	refusals: { method: string; status: number; retryAfter?: number }[];
	/** The event subscription as it was written. */
	subscription: Body | undefined;
	stop(): Promise<void>;
}

const token = 'Bearer a-token';
const site = '/subscriptions/sub/resourceGroups/group/providers/Microsoft.Web/sites/app';
const subscriptionPath =
	'/subscriptions/sub/resourceGroups/group/providers/Microsoft.EventGrid/systemTopics/topic/eventSubscriptions/uploads';

/** `reach` leads from the app's public address to where it listens. */
export async function startManagementStandIn(reach: (endpointUrl: string) => string): Promise<ManagementStandIn> {
	let state = '';
	const standIn: ManagementStandIn = {
		url: '',
		requests: [],
		systemKeys: {},
		startsAfter: 0,
		refusals: [],
		subscription: undefined,
		stop: () => new Promise((resolve) => server.close(() => resolve())),
	};

	async function answer(request: IncomingMessage): Promise<{ status: number; body?: Body; retryAfter?: number }> {
		const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
		standIn.requests.push(`${request.method} ${pathname}`);
		if (request.headers.authorization !== token) return { status: 401, body: failure('AuthenticationFailed') };
		if (!searchParams.get('api-version')) return { status: 400, body: failure('MissingApiVersionParameter') };
		const at = standIn.refusals.findIndex(({ method }) => method === request.method);
		const [refusal] = at < 0 ? [] : standIn.refusals.splice(at, 1);
		const sent = await text(request);
		// Azure repeats what it was sent.
		if (refusal) return { ...refusal, body: failure('Refused', `It was asked for ${endpointIn(sent)}, and will not.`) };
		switch (`${request.method} ${pathname}`) {
			case `GET ${site}`:
				return { status: 200, body: { properties: { defaultHostName: 'app.azurewebsites.net' } } };
			case `POST ${site}/host/default/listKeys`:
				if (standIn.startsAfter-- > 0) return { status: 404, body: failure('NotFound') };
				return { status: 200, body: { masterKey: 'master', systemKeys: standIn.systemKeys } };
			case `GET ${subscriptionPath}`:
				return standIn.subscription
					? { status: 200, body: shown() }
					: { status: 404, body: failure('ResourceNotFound') };
			case `POST ${subscriptionPath}/getFullUrl`:
				return { status: 200, body: { endpointUrl: endpointOf(standIn.subscription) } };
			case `PUT ${subscriptionPath}`:
				standIn.subscription = JSON.parse(sent).properties as Body;
				state = 'Creating';
				return { status: 201, body: shown() };
			default:
				return { status: 404, body: failure('ResourceNotFound') };
		}
	}

	/** The state after the one that is shown; on the way there the endpoint must prove that it wants the events. */
	async function goOn(): Promise<void> {
		if (state === 'Creating')
			state = (await shakesHands(reach(endpointOf(standIn.subscription)))) ? 'Succeeded' : 'Failed';
	}

	function shown(): Body {
		const { destination, ...rest } = standIn.subscription as { destination: { properties: { endpointUrl: string } } };
		const endpointBaseUrl = destination.properties.endpointUrl.split('?')[0];
		return {
			properties: { ...rest, destination: { properties: { endpointBaseUrl } }, provisioningState: state, topic: 'a' },
		};
	}

	const server = createServer((request, response) => {
		answer(request).then(async ({ status, body, retryAfter }) => {
			if (request.method === 'GET') await goOn();
			response.writeHead(status, {
				'content-type': 'application/json',
				...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
			});
			response.end(body && JSON.stringify(body));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	standIn.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return standIn;
}

const failure = (code: string, message = 'The stand-in says no.'): Body => ({ error: { code, message } });

const endpointIn = (sent: string) => (sent === '' ? 'nothing' : endpointOf(JSON.parse(sent).properties));

function endpointOf(subscription: Body | undefined): string {
	const { destination } = subscription as { destination: { properties: { endpointUrl: string } } };
	return destination.properties.endpointUrl;
}

/** https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema */
async function shakesHands(endpoint: string): Promise<boolean> {
	const validationCode = 'B2E34264-7D71-453A-B5FB-B62D0FDC85EE';
	const event = { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode } };
	const response = await fetch(endpoint, {
		method: 'POST',
		headers: { 'aeg-event-type': 'SubscriptionValidation', 'content-type': 'application/json' },
		body: JSON.stringify([event]),
	});
	if (!response.ok) return false;
	return ((await response.json()) as Body).validationResponse === validationCode;
}
