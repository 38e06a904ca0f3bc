import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncApiError } from '../../../src/domain/errors.ts';
import { readProfile } from '../../../src/http/profile/profile-body.ts';
import { refusal } from '../../support/requests/refusal.ts';
import { creationBody, matchingBody, matchingOption, profileBody } from '../../support/rosters/profile-builder.ts';

describe('a refused profile body', () => {
	const identityWith = (userDomains: unknown) =>
		profileBody({ identitySynchronizationConfiguration: creationBody({ userDomains }) });
	const csv = '#microsoft.graph.educationCsvDataProvider';
	const custom = (customizations: unknown) => profileBody({ dataProvider: { '@odata.type': csv, customizations } });
	const domains = [
		{ appliesTo: 'student', name: 'a.example.org' },
		{ appliesTo: 'student', name: 'b.example.org' },
	];
	const cases: [string, unknown, string, string][] = [
		[
			'no name',
			profileBody({ displayName: undefined }),
			'displayName',
			'"displayName" is missing, and it must be a text.',
		],
		[
			'an empty name',
			profileBody({ displayName: '  ' }),
			'displayName',
			'"displayName" is "", and it must not be empty.',
		],
		[
			'a name that is a number',
			profileBody({ displayName: 7 }),
			'displayName',
			'"displayName" is 7, and it must be a text.',
		],
		[
			'a long name',
			profileBody({ displayName: 'x'.repeat(257) }),
			'displayName',
			`"displayName" is "${'x'.repeat(79)}…, and it must have 1 to 256 characters.`,
		],
		[
			'no provider',
			profileBody({ dataProvider: undefined }),
			'dataProvider',
			'"dataProvider" is missing, and it must be an object.',
		],
		[
			'a provider without a type',
			profileBody({ dataProvider: {} }),
			'dataProvider/@odata.type',
			'"dataProvider/@odata.type" is missing, and it must be #microsoft.graph.educationCsvDataProvider, #microsoft.graph.educationOneRosterApiDataProvider or #microsoft.graph.educationPowerSchoolDataProvider.',
		],
		[
			'a provider that nobody knows',
			profileBody({ dataProvider: { '@odata.type': '#microsoft.graph.faxDataProvider' } }),
			'dataProvider/@odata.type',
			'"dataProvider/@odata.type" is "#microsoft.graph.faxDataProvider", and it must be #microsoft.graph.educationCsvDataProvider, #microsoft.graph.educationOneRosterApiDataProvider or #microsoft.graph.educationPowerSchoolDataProvider.',
		],
		[
			'no identity configuration',
			profileBody({ identitySynchronizationConfiguration: null }),
			'identitySynchronizationConfiguration',
			'"identitySynchronizationConfiguration" is missing, and it must be an object.',
		],
		[
			'an identity configuration of an unknown type',
			profileBody({ identitySynchronizationConfiguration: { '@odata.type': 'x.y' } }),
			'identitySynchronizationConfiguration/@odata.type',
			'"identitySynchronizationConfiguration/@odata.type" is "x.y", and it must be #microsoft.graph.educationIdentityCreationConfiguration or #microsoft.graph.educationIdentityMatchingConfiguration.',
		],
		[
			'two domains for one role',
			identityWith(domains),
			'identitySynchronizationConfiguration/userDomains',
			'"identitySynchronizationConfiguration/userDomains" is a list of 2 entries, and it must name a domain for students, one for teachers (faculty are teachers), or one for each.',
		],
		[
			'no domain at all',
			identityWith([]),
			'identitySynchronizationConfiguration/userDomains',
			'"identitySynchronizationConfiguration/userDomains" is a list of 0 entries, and it must name a domain for students, one for teachers (faculty are teachers), or one for each.',
		],
		[
			'no matching option',
			matchingBody(),
			'identitySynchronizationConfiguration/matchingOptions',
			'"identitySynchronizationConfiguration/matchingOptions" is a list of 0 entries, and it must have an option for students, one for teachers (faculty are teachers), or one for each.',
		],
		...['none', 'unknownFutureValue', '2', 'parent'].map((appliesTo): [string, unknown, string, string] => [
			`the role ${appliesTo}`,
			identityWith([{ appliesTo, name: 'example.org' }, domains[0]]),
			'identitySynchronizationConfiguration/userDomains/0/appliesTo',
			`"identitySynchronizationConfiguration/userDomains/0/appliesTo" is "${appliesTo.toLowerCase()}", and it must be "student", "teacher" or "faculty".`,
		]),
		[
			'something that is no domain',
			identityWith([
				{ appliesTo: 'student', name: '@@example.org' },
				{ ...domains[1], appliesTo: 'teacher' },
			]),
			'identitySynchronizationConfiguration/userDomains/0/name',
			'"identitySynchronizationConfiguration/userDomains/0/name" is "@example.org", and it must be a domain name such as "contoso.edu".',
		],
		[
			'two matching options for one role',
			matchingBody(matchingOption('teacher'), matchingOption('faculty')),
			'identitySynchronizationConfiguration/matchingOptions',
			'"identitySynchronizationConfiguration/matchingOptions" is a list of 2 entries, and it must have an option for students, one for teachers (faculty are teachers), or one for each.',
		],
		[
			'matching by a property that the directory does not offer',
			matchingBody({ ...matchingOption('student'), targetPropertyName: 'shoeSize' }, matchingOption('teacher')),
			'identitySynchronizationConfiguration/matchingOptions/0/targetPropertyName',
			'"identitySynchronizationConfiguration/matchingOptions/0/targetPropertyName" is "shoeSize", and it must be one of userPrincipalName, mail, mailNickname, employeeId, onPremisesSamAccountName, onPremisesUserPrincipalName.',
		],
		...[
			['a bell in its name', 'Con\u0007toso', '"Con\\u0007toso"', 'at character 4 is U+0007'],
			['a line break in its name', 'Con\ntoso', '"Con\\ntoso"', 'at character 4 is U+000A'],
			['a control character of the second set', 'A\u0085', '"A\\u0085"', 'at character 2 is U+0085'],
			['a line separator', '\u{1F3EB}\u2028x', '"\u{1F3EB}\\u2028x"', 'at character 2 is U+2028'],
			['a turn of direction', 'a\u202egro', '"a\\u202egro"', 'at character 2 is U+202E'],
			['an isolated direction', 'a\u2066b', '"a\\u2066b"', 'at character 2 is U+2066'],
			['half a character', 'a\ud800b', '"a\\ud800b"', 'at character 2 is U+D800'],
			['what is no character', 'a\uffffb', '"a\uffffb"', 'at character 2 is U+FFFF'],
		].map(([what, displayName, shown, rule]): [string, unknown, string, string] => [
			what as string,
			profileBody({ displayName }),
			'displayName',
			`"displayName" is ${shown}, and it must have no control characters, and the one ${rule}.`,
		]),
		[
			'a name that nobody sees',
			profileBody({ displayName: '\u200b\u3164' }),
			'displayName',
			'"displayName" is "\\u200b\u3164", and it must have a visible character.',
		],
		...[
			'',
			'6fd2c87f-b296-42f0-b197-1e91e994b90',
			'{6fd2c87f-b296-42f0-b197-1e91e994b900}',
			'A,B',
			'12345',
			'\u20ac',
		].map((sku): [string, unknown, string, string] => [
			`the licence ${JSON.stringify(sku)}`,
			profileBody({ licensesToAssign: [{ appliesTo: 'student', skuIds: [sku] }] }),
			'licensesToAssign/0/skuIds/0',
			`"licensesToAssign/0/skuIds/0" is ${JSON.stringify(sku)}, and it must ${sku === '' ? 'not be empty' : 'be the GUID or the part number of a licence, such as "STANDARDWOFFPACK_STUDENT"'}.`,
		]),
		...['2027-06-30T25:00:00Z', '2027-02-30T00:00:00Z', '30.06.2027', '2027-06-30 00:00', 'never'].map(
			(expirationDate): [string, unknown, string, string] => [
				`the date ${expirationDate}`,
				profileBody({ expirationDate }),
				'expirationDate',
				`"expirationDate" is "${expirationDate}", and it must be a date such as "2027-06-30".`,
			],
		),
		[
			'a flag that is a text',
			profileBody({ handleSpecialCharacterConstraint: 'yes' }),
			'handleSpecialCharacterConstraint',
			'"handleSpecialCharacterConstraint" is "yes", and it must be true or false.',
		],
		[
			'a date that does not exist',
			profileBody({ expirationDate: '2027-02-30' }),
			'expirationDate',
			'"expirationDate" is "2027-02-30", and it must be a date such as "2027-06-30".',
		],
		[
			'a list that is none',
			custom({ student: { optionalPropertiesToSync: 'Grade' } }),
			'dataProvider/customizations/student/optionalPropertiesToSync',
			'"dataProvider/customizations/student/optionalPropertiesToSync" is "Grade", and it must be a list.',
		],
		[
			'a start date that is none',
			custom({ studentEnrollment: { synchronizationStartDate: 'soon' } }),
			'dataProvider/customizations/studentEnrollment/synchronizationStartDate',
			'"dataProvider/customizations/studentEnrollment/synchronizationStartDate" is "soon", and it must be a date and time such as "2026-09-01T00:00:00Z".',
		],
	];
	test.each(cases)('with %s says so', (_, body, target, message) => {
		const error = refusal(() => readProfile(body as Record<string, unknown>));
		expect(error.code).toBe('BadRequest');
		expect(error.extras.details).toEqual([{ code: 'InvalidValue', target, message }]);
		expect(error.message).toBe(`The profile is not valid: ${message}`);
	});

	test('lists all faults, but not without end', () => {
		const error = refusal(() => readProfile({ displayName: 1, licensesToAssign: Array(199).fill({ appliesTo: 'x' }) }));
		expect(error.extras.details).toHaveLength(20);
		expect(error.message).toMatch(/There are 201 more faults, see details\.$/);
	});

	test.each([
		['an http URL', { connectionUrl: 'http://sis.example.org' }, 'dataProvider/connectionUrl'],
		['a URL with a password', { connectionUrl: 'https://me:secret@sis.example.org' }, 'dataProvider/connectionUrl'], // secretlint-disable-line
		['no client id', { clientId: undefined }, 'dataProvider/clientId'],
		['a secret that is none', { clientSecret: 'top secret'.repeat(1_000) }, 'dataProvider/clientSecret'],
		['a number for a secret', { clientSecret: 4711 }, 'dataProvider/clientSecret'],
	])('of a server with %s says so, and no secret', (_, changes, target) => {
		const dataProvider = {
			'@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider',
			connectionUrl: 'https://sis.example.org',
			clientId: 'client',
			clientSecret: 'top secret',
			...changes,
		};
		const error = refusal(() => readProfile(profileBody({ dataProvider })));
		expect(error.extras.details).toMatchObject([{ target }]);
		expect(JSON.stringify([error.message, error.extras])).not.toMatch(/top secret|4711/);
	});

	test('whatever it is never breaks the reader', () => {
		const bodies = fc.dictionary(
			fc.constantFrom(
				'displayName',
				'dataProvider',
				'identitySynchronizationConfiguration',
				'licensesToAssign',
				'customizations',
				'__proto__',
				'expirationDate',
			),
			fc.oneof(
				fc.jsonValue(),
				fc.constant(creationBody()),
				fc.record({ '@odata.type': fc.constantFrom('csvDataProvider', 'constructor', '') }),
			),
		);
		fc.assert(
			fc.property(bodies, (body) => {
				try {
					readProfile(body as Record<string, unknown>);
				} catch (error) {
					expect(error).toBeInstanceOf(SyncApiError);
				}
			}),
		);
	});
});
