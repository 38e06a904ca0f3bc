import { describe, expect, test } from 'vitest';
import { readProfile } from '../../../src/http/profile/profile-body.ts';
import {
	creationBody,
	definition,
	matchingBody,
	matchingDefinition,
	matchingOption,
	profileBody,
} from '../../support/rosters/profile-builder.ts';

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
		['2026-09-01', '2026-09-01T00:00:00Z'],
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

	const domainsOf = (userDomains: unknown) =>
		readDefinition(profileBody({ identitySynchronizationConfiguration: creationBody({ userDomains }) })).identity;

	test.each(['student', 'teacher', 'faculty'])('may name one role only: %s', (appliesTo) => {
		expect(domainsOf([{ appliesTo, name: 'example.org' }])).toEqual({
			kind: 'creation',
			userDomains: [{ appliesTo, name: 'example.org' }],
		});
		expect(readDefinition(matchingBody(matchingOption(appliesTo))).identity).toMatchObject({
			matchingOptions: [{ appliesTo }],
		});
	});

	test('may name roles by numbers that are none of text', () => {
		expect(
			domainsOf([
				{ appliesTo: 0, name: 'a.org' },
				{ appliesTo: 4, name: 'b.org' },
			]),
		).toMatchObject({
			userDomains: [{ appliesTo: 'student' }, { appliesTo: 'faculty' }],
		});
	});

	test.each([
		['@example.org', 'example.org'],
		[' @Example.org ', 'Example.org'],
	])('may write a domain as %j', (name, kept) => {
		expect(domainsOf([{ appliesTo: 'student', name }])).toMatchObject({ userDomains: [{ name: kept }] });
		const { identity } = readDefinition(matchingBody({ ...matchingOption('student'), targetDomain: name }));
		expect(identity).toMatchObject({ matchingOptions: [{ targetDomain: kept }] });
	});

	test.each(['', '  ', null, undefined])('takes the target domain %j for none', (targetDomain) => {
		const { identity } = readDefinition(matchingBody({ ...matchingOption('student'), targetDomain }));
		expect(identity).toEqual({
			kind: 'matching',
			matchingOptions: [
				{ appliesTo: 'student', sourcePropertyName: 'Username', targetPropertyName: 'userPrincipalName' },
			],
		});
	});

	test.each([
		'userPrincipalName',
		'mail',
		'mailNickname',
		'employeeId',
		'onPremisesSamAccountName',
		'onPremisesUserPrincipalName',
	])('may match by %s', (targetPropertyName) => {
		const { identity } = readDefinition(matchingBody({ ...matchingOption('student'), targetPropertyName }));
		expect(identity).toMatchObject({ matchingOptions: [{ targetPropertyName }] });
	});

	test.each([
		['2027-06-30', '2027-06-30'],
		['2027-06-30T00:00:00Z', '2027-06-30'],
		['2027-06-30T23:59:59.9999999Z', '2027-06-30'],
		['2027-06-30T00:00:00+02:00', '2027-06-30'],
		['2027-06-30T23:30:00-08:00', '2027-06-30'],
		['2027-06-30T00:00:00', '2027-06-30'],
		['', undefined],
		['0001-01-01T00:00:00Z', undefined],
		['0001-01-01', undefined],
	])('may say of its expiration %j', (expirationDate, kept) => {
		expect(readDefinition(profileBody({ expirationDate })).expirationDate).toBe(kept);
	});

	const providerWith = (changes: Record<string, unknown>) =>
		readProfile(
			profileBody({
				dataProvider: {
					'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
					connectionUrl: 'https://sis.example.org',
					clientId: 'client',
					...changes,
				},
			}),
		);

	test.each([
		[2026, '2026'],
		['2026', '2026'],
		['', undefined],
		[' ', undefined],
		[null, undefined],
	])('may say of the school year %j', (schoolYear, kept) => {
		expect(providerWith({ schoolYear }).definition.dataProvider).toMatchObject({ schoolsIds: [] });
		expect((providerWith({ schoolYear }).definition.dataProvider as { schoolYear?: string }).schoolYear).toBe(kept);
	});

	test('may number its schools, and leave a secret empty that it does not change', () => {
		const { definition: read, clientSecret } = providerWith({ schoolsIds: [55, '056'], clientSecret: '' });
		expect(read.dataProvider).toMatchObject({ schoolsIds: ['55', '056'] });
		expect(clientSecret).toBeUndefined();
	});

	test('may leave the empty fields of a form in a OneRoster provider', () => {
		const dataProvider = {
			'@odata.type': '#microsoft.graph.educationOneRosterApiDataProvider',
			connectionUrl: 'https://sis.example.org',
			providerName: '',
			connectionSettings: {
				'@odata.type': '#microsoft.graph.educationSynchronizationOAuth2ClientCredentialsConnectionSettings',
				clientId: 'client',
				tokenUrl: 'https://sis.example.org/token',
				scope: '',
			},
		};
		expect(readDefinition(profileBody({ dataProvider })).dataProvider).toEqual({
			kind: 'oneRoster',
			connectionUrl: 'https://sis.example.org',
			connectionSettings: { kind: 'oauth2', clientId: 'client', tokenUrl: 'https://sis.example.org/token' },
			schoolsIds: [],
			termIds: [],
			customizations: {},
		});
	});

	test.each([
		'6fd2c87f-b296-42f0-b197-1e91e994b900',
		'6FD2C87F-B296-42F0-B197-1E91E994B900',
		'STANDARDWOFFPACK_STUDENT',
		'M365EDU_A3_STUUSEBNFT',
		'Microsoft_365_E3_(no_Teams)',
		'O365_w/o Teams Bundle_M3',
	])('may name a licence %s', (skuId) => {
		const { licensesToAssign } = readDefinition(
			profileBody({ licensesToAssign: [{ appliesTo: 'student', skuIds: [skuId] }] }),
		);
		expect(licensesToAssign).toEqual([{ appliesTo: 'student', skuIds: [skuId] }]);
	});

	test.each(['Écoles Zürich', 'مدرسة', 'School \u{1F3EB}', 'Ü\u200fא', "O'Neill & Sons <North>"])(
		'may be called %s',
		(displayName) => {
			expect(readDefinition(profileBody({ displayName })).displayName).toBe(displayName);
		},
	);
});
