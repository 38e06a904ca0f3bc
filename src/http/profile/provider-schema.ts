import { z } from 'zod';
import { type RosterKind, rosterKinds } from '../../domain/roster/format/kinds.ts';
import { isObject, member, namedBy, typeNameOf } from '../odata-names.ts';
import { flag, list, name, nameOrNumber, optional, shape, shapeOf, withKind } from './schema-shapes.ts';

/** What browsers and servers take. */
const maxUrlLength = 2_048;
const maxSecretLength = 4_096;

/** A link of the school's own; what it says is looked at when it is opened, where it leads to as well. */
const serverUrl = z
	.string()
	.trim()
	.max(maxUrlLength)
	.refine(isServerUrl, { error: 'must be an https URL without user name, password and fragment' });

function isServerUrl(text: string): boolean {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	return url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}

/** The secret is taken out of the way before anything can show it. */
const clientProperties = { clientId: name, clientSecret: optional(z.string().max(maxSecretLength)) };

const connectionKinds = new Map([
	['synchronizationoauth1connectionsettings', 'oauth1'],
	['synchronizationoauth2clientcredentialsconnectionsettings', 'oauth2'],
]);

const connectionTypes =
	'must be #microsoft.graph.educationSynchronizationOAuth1ConnectionSettings or #microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings';

const connectionSettings = z.preprocess(
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
function connectionIntoSettings(value: unknown): unknown {
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

/** A client may leave a time out, send null, nothing, a date, or echo what .NET says for "never". */
function withoutNever(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const text = value.trim();
	if (text === '' || /^0001-01-01(T00:00:00|$)/.test(text)) return undefined;
	return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}

const startDate = z.preprocess(
	withoutNever,
	z.iso
		.datetime({ offset: true, local: true, error: 'must be a date and time such as "2026-09-01T00:00:00Z"' })
		// Without an offset it is UTC, whatever zone this machine is in.
		.transform((value) => (/(Z|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`))
		.optional(),
);

const entityCustomization = shape({
	optionalPropertiesToSync: list(name).optional(),
	synchronizationStartDate: startDate,
	isSyncDeferred: flag,
	allowDisplayNameUpdate: flag,
});

const customizations = shape(
	Object.fromEntries(rosterKinds.map((kind) => [kind, entityCustomization.optional()])) as Record<
		RosterKind,
		z.ZodOptional<typeof entityCustomization>
	>,
);

const providerKinds = new Map([
	['csvdataprovider', 'csv'],
	['powerschooldataprovider', 'powerSchool'],
	['onerosterapidataprovider', 'oneRoster'],
]);

const providerTypes =
	'must be #microsoft.graph.educationCsvDataProvider, #microsoft.graph.educationOneRosterApiDataProvider or #microsoft.graph.educationPowerSchoolDataProvider';

const ids = list(nameOrNumber).default([]);

export const dataProvider = z.preprocess(
	connectionIntoSettings,
	z.preprocess(
		withKind(providerKinds, {
			customizations: [],
			connectionUrl: [],
			connectionSettings: [],
			clientId: [],
			clientSecret: [],
			schoolsIds: ['schoolIds'],
			termIds: [],
			providerName: [],
			schoolYear: [],
			allowTeachersInMultipleSchools: [],
		}),
		z.discriminatedUnion(
			'kind',
			[
				shapeOf('csv', { customizations: customizations.optional() }),
				shapeOf('powerSchool', {
					connectionUrl: serverUrl,
					...clientProperties,
					schoolsIds: ids,
					schoolYear: optional(nameOrNumber),
					allowTeachersInMultipleSchools: flag,
					customizations: customizations.optional(),
				}),
				shapeOf('oneRoster', {
					connectionUrl: serverUrl,
					connectionSettings,
					schoolsIds: ids,
					termIds: ids,
					providerName: optional(name),
					customizations: customizations.optional(),
				}),
			],
			{ error: ({ code }) => (code === 'invalid_union' ? providerTypes : undefined) },
		),
	),
);
