import { z } from 'zod';
import type { ConnectionSettings } from '../../../domain/profile.ts';
import { isObject, member, namedBy, typeNameOf } from '../../odata/odata-names.ts';
import { type Direction, namedUnion, uri, variant, writeOnly } from '../../openapi/described-shapes.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import { name, optional, shapeOf, withKind } from '../schema-shapes.ts';
import { maxUrlLength, serverUrl } from './server-url.ts';

const maxSecretLength = 4_096;

/** The secret is taken out of the way before anything can show it. */
export const clientProperties = { clientId: name, clientSecret: optional(z.string().max(maxSecretLength)) };

const connectionKinds = new Map([
	['synchronizationoauth1connectionsettings', 'oauth1'],
	['synchronizationoauth2clientcredentialsconnectionsettings', 'oauth2'],
]);

const connectionTypes =
	'must be #microsoft.graph.educationSynchronizationOAuth1ConnectionSettings or #microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings';

export const sentSettings = z.preprocess(
	withKind(connectionKinds, { clientId: [], clientSecret: [], tokenUrl: [], scope: [] }),
	z.discriminatedUnion(
		'kind',
		[
			shapeOf('oauth1', clientProperties),
			shapeOf('oauth2', { ...clientProperties, tokenUrl: serverUrl, scope: optional(z.string().max(maxUrlLength)) }),
		],
		{ error: ({ code }) => (code === 'invalid_union' ? connectionTypes : undefined) },
	),
);

/** Until 2018 a OneRoster provider had the client's id and secret beside its URL. */
export function connectionIntoSettings(value: unknown): unknown {
	const isOneRoster = isObject(value) && typeNameOf(value) === 'onerosterapidataprovider';
	if (!isOneRoster || member(value, 'connectionSettings') !== undefined || member(value, 'clientId') === undefined)
		return value;
	const type = member(value, 'tokenUrl') === undefined ? 'OAuth1' : 'OAuth2ClientCredentials';
	const settings = namedBy({ clientId: [], clientSecret: [], tokenUrl: [], scope: [] }, value);
	return {
		...value,
		connectionSettings: { '@odata.type': `educationSynchronization${type}ConnectionSettings`, ...settings },
	};
}

export function shownSettings(settings: ConnectionSettings): JsonObject {
	const type = settings.kind === 'oauth1' ? 'OAuth1' : 'OAuth2ClientCredentials';
	return {
		'@odata.type': `#microsoft.graph.educationSynchronization${type}ConnectionSettings`,
		clientId: settings.clientId,
		...(settings.kind === 'oauth2' ? { tokenUrl: settings.tokenUrl, scope: settings.scope ?? null } : {}),
	};
}

export function describedSettings(direction: Direction) {
	const clientId = z.string();
	const secret = writeOnly(direction, 'clientSecret');
	return namedUnion({ direction, type: 'educationSynchronizationConnectionSettings' }, [
		variant({ direction, type: 'educationSynchronizationOAuth1ConnectionSettings' }, { clientId }, secret),
		variant(
			{ direction, type: 'educationSynchronizationOAuth2ClientCredentialsConnectionSettings' },
			{ clientId, tokenUrl: uri },
			{ ...secret, scope: z.string().nullable() },
		),
	]);
}
