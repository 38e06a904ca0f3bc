import { z } from 'zod';
import type {
	ConnectionSettings,
	DataProvider,
	OneRosterProvider,
	PowerSchoolProvider,
} from '../../../domain/profile.ts';
import { type Direction, namedUnion, strings, uri, variant, writeOnly } from '../../openapi/described-shapes.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import type { ProfileSecrets, Setting } from '../property.ts';
import { flag, list, name, nameOrNumber, optional, shapeOf, withKind, withoutAbsent } from '../schema-shapes.ts';
import {
	clientProperties,
	connectionIntoSettings,
	describedSettings,
	sentSettings,
	shownSettings,
} from './connection-settings.ts';
import {
	customizationsOf,
	describedCustomizations,
	sentCustomizations,
	shownCustomizations,
} from './customizations.ts';
import { serverUrl } from './server-url.ts';

const providerKinds = new Map([
	['csvdataprovider', 'csv'],
	['powerschooldataprovider', 'powerSchool'],
	['onerosterapidataprovider', 'oneRoster'],
]);

const providerTypes =
	'must be #microsoft.graph.educationCsvDataProvider, #microsoft.graph.educationOneRosterApiDataProvider or #microsoft.graph.educationPowerSchoolDataProvider';

const ids = list(nameOrNumber).default([]);

const sent = z.preprocess(
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
				shapeOf('csv', { customizations: sentCustomizations.optional() }),
				shapeOf('powerSchool', {
					connectionUrl: serverUrl,
					...clientProperties,
					schoolsIds: ids,
					schoolYear: optional(nameOrNumber),
					allowTeachersInMultipleSchools: flag,
					customizations: sentCustomizations.optional(),
				}),
				shapeOf('oneRoster', {
					connectionUrl: serverUrl,
					connectionSettings: sentSettings,
					schoolsIds: ids,
					termIds: ids,
					providerName: optional(name),
					customizations: sentCustomizations.optional(),
				}),
			],
			{ error: ({ code }) => (code === 'invalid_union' ? providerTypes : undefined) },
		),
	),
);

type Sent = z.infer<typeof sent>;

function providerOf(parsed: Sent): DataProvider {
	const customizations = customizationsOf(parsed.customizations);
	if (parsed.kind === 'csv') return { kind: 'csv', customizations };
	if (parsed.kind === 'powerSchool') {
		const { clientSecret: _, ...provider } = parsed;
		return withoutAbsent<PowerSchoolProvider>({ ...provider, customizations });
	}
	const { clientSecret: _, ...settings } = parsed.connectionSettings;
	const connectionSettings = withoutAbsent<ConnectionSettings>(settings as ConnectionSettings);
	return withoutAbsent<OneRosterProvider>({ ...parsed, connectionSettings, customizations });
}

function secretsOf(parsed: Sent): ProfileSecrets {
	if (parsed.kind === 'csv') return {};
	const { clientSecret } = parsed.kind === 'oneRoster' ? parsed.connectionSettings : parsed;
	return clientSecret ? { clientSecret } : {};
}

function shown(provider: DataProvider): JsonObject {
	return { ...shownSource(provider), customizations: shownCustomizations(provider.customizations) };
}

function shownSource(provider: DataProvider): JsonObject {
	if (provider.kind === 'csv') return { '@odata.type': '#microsoft.graph.educationCsvDataProvider' };
	const { connectionUrl, schoolsIds } = provider;
	if (provider.kind === 'powerSchool') {
		return {
			'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
			connectionUrl,
			clientId: provider.clientId,
			schoolsIds,
			schoolYear: provider.schoolYear ?? null,
			allowTeachersInMultipleSchools: provider.allowTeachersInMultipleSchools,
		};
	}
	return {
		'@odata.type': '#microsoft.graph.educationOneRosterApiDataProvider',
		connectionUrl,
		connectionSettings: shownSettings(provider.connectionSettings),
		schoolsIds,
		termIds: provider.termIds,
		providerName: provider.providerName ?? null,
	};
}

function described(direction: Direction) {
	const customizations = describedCustomizations(direction);
	return namedUnion({ direction, type: 'educationSynchronizationDataProvider' }, [
		variant({ direction, type: 'educationCsvDataProvider' }, {}, { customizations }),
		variant(
			{ direction, type: 'educationPowerSchoolDataProvider' },
			{ connectionUrl: uri, clientId: z.string() },
			{
				...writeOnly(direction, 'clientSecret'),
				schoolsIds: strings,
				schoolYear: z.string().nullable(),
				allowTeachersInMultipleSchools: z.boolean(),
				customizations,
			},
		),
		variant(
			{ direction, type: 'educationOneRosterApiDataProvider' },
			{ connectionUrl: uri, connectionSettings: describedSettings(direction) },
			{ schoolsIds: strings, termIds: strings, providerName: z.string().nullable(), customizations },
		),
	]);
}

export const dataProvider = {
	input: sent.transform(providerOf),
	secrets: sent.transform(secretsOf),
	shown,
	described,
} satisfies Setting<DataProvider>;
