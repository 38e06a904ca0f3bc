import { describe, expect, test } from 'vitest';
import { readProfile } from '../../src/http/profile-body.ts';
import {
	creationBody,
	definition,
	matchingBody,
	matchingDefinition,
	matchingOption,
	profileBody,
} from '../support/profile-builder.ts';

const readDefinition = (body: Record<string, unknown>) => readProfile(body).definition;

describe('a profile body', () => {
	test('needs no more than a name, a provider and an identity configuration', () => {
		expect(readDefinition(profileBody())).toEqual(definition());
	});

	test.each([
		'#microsoft.graph.educationCsvDataProvider',
		'microsoft.graph.educationCsvDataProvider',
		'#microsoft.graph.educationcsvdataprovider',
		'microsoft.graph.educationcsvdataprovider',
		'#Microsoft.Education.DataSync.educationCsvDataProvider',
		'#Microsoft.Education.DataSync.CSVDataProvider',
		'#microsoft.graph.csvDataProvider',
	])('may spell its provider %s', (type) => {
		expect(readDefinition(profileBody({ dataProvider: { '@odata.type': type } }))).toEqual(definition());
	});

	test.each([
		'#microsoft.graph.educationIdentityCreationConfiguration',
		'microsoft.graph.educationidentitycreationconfiguration',
		'#Microsoft.Education.DataSync.identityCreationConfiguration',
	])('may spell its identity configuration %s', (type) => {
		const identity = creationBody({ '@odata.type': type });
		expect(readDefinition(profileBody({ identitySynchronizationConfiguration: identity }))).toEqual(definition());
	});

	test.each([
		'identitySyncConfiguration',
		'identitysynchronizationconfiguration',
		'IdentitySynchronizationConfiguration',
	])('may name its identity configuration %s', (name) => {
		const { identitySynchronizationConfiguration: identity, ...rest } = profileBody();
		expect(readDefinition({ ...rest, [name]: identity })).toEqual(definition());
	});

	test('may name its provider dataSource, with the customizations beside it', () => {
		const { dataProvider, ...rest } = profileBody();
		const customizations = { student: { optionalPropertiesToSync: ['Grade'] } };
		expect(readDefinition({ ...rest, dataSource: dataProvider, customizations }).dataProvider.customizations).toEqual({
			student: { optionalPropertiesToSync: ['Grade'], isSyncDeferred: false, allowDisplayNameUpdate: false },
		});
	});

	test('may come in the whole wording of July 2017', () => {
		const nested = (appliesTo: string) => ({
			appliesTo,
			options: { sourcePropertyName: 'Username', targetPropertyName: 'userPrincipalName', targetDomain: 'example.org' },
		});
		const body = {
			'@odata.context': 'https://graph.microsoft.com/testsds/$metadata#synchronizationProfiles/$entity',
			id: 'ffffffff-0000-4000-8000-000000000000',
			displayName: 'Contoso District',
			dataSource: { '@odata.type': '#Microsoft.Education.DataSync.CSVDataProvider' },
			identitySyncConfiguration: {
				'@odata.type': '#Microsoft.Education.DataSync.identityMatchingConfiguration',
				matchingOptions: [nested('Student'), nested('Teacher')],
			},
			servicesToSetup: ['intune'],
			termStartDate: '2017-08-01',
		};
		expect(readDefinition(body)).toEqual(matchingDefinition);
	});

	test('names roles in any case and by number', () => {
		const userDomains = [
			{ appliesTo: 'STUDENT', name: 'students.example.org' },
			{ appliesTo: '1', name: 'example.org' },
		];
		const body = profileBody({ identitySynchronizationConfiguration: creationBody({ userDomains }) });
		expect(readDefinition(body)).toEqual(definition());
	});

	test('may say faculty for teachers, and keeps the word', () => {
		expect(readDefinition(matchingBody(matchingOption('student'), matchingOption('faculty'))).identity).toMatchObject({
			matchingOptions: [{ appliesTo: 'student' }, { appliesTo: 'faculty' }],
		});
	});

	test('treats what only the service sets, what is unknown, and null as if it were not there', () => {
		const body = profileBody({
			id: 'x',
			state: 'deleting',
			syncStatus: 'Success',
			errors: [{}],
			profileStatus: {},
			isBest: true,
			tenantId: 'other',
			licensesToAssign: null,
			handleSpecialCharacterConstraint: null,
			expirationDate: null,
		});
		expect(readDefinition(body)).toEqual(definition());
	});

	test.each(['0001-01-01T00:00:00Z', '0001-01-01T00:00:00', '0001-01-01T00:00:00.0000000Z', null])(
		'takes %j for no start date',
		(synchronizationStartDate) => {
			const customizations = { studentEnrollment: { synchronizationStartDate } };
			const dataProvider = { '@odata.type': '#microsoft.graph.educationCsvDataProvider', customizations };
			expect(readDefinition(profileBody({ dataProvider })).dataProvider.customizations).toEqual({
				studentEnrollment: { isSyncDeferred: false, allowDisplayNameUpdate: false },
			});
		},
	);

	test.each([
		['2026-09-01T00:00:00Z', '2026-09-01T00:00:00Z'],
		['2026-09-01T00:00:00+02:00', '2026-09-01T00:00:00+02:00'],
		['2026-09-01T00:00:00', '2026-09-01T00:00:00Z'],
	])('reads the start date %s as %s', (sent, kept) => {
		const dataProvider = {
			'@odata.type': '#microsoft.graph.educationCsvDataProvider',
			customizations: { studentEnrollment: { synchronizationStartDate: sent } },
		};
		const { customizations } = readDefinition(profileBody({ dataProvider })).dataProvider;
		expect(customizations.studentEnrollment?.synchronizationStartDate).toBe(kept);
	});

	test('trims its name', () => {
		expect(readDefinition(profileBody({ displayName: '  Contoso District ' })).displayName).toBe('Contoso District');
	});
});
