import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EntityCustomization, ProfileDefinition, UserRole } from '../../../src/domain/profile.ts';
import { rosterKinds } from '../../../src/domain/roster/format/kinds.ts';
import { applyProfilePatch, readProfile } from '../../../src/http/profile/profile-body.ts';
import { definitionResource } from '../../../src/http/profile/profile-resource.ts';
import { refusal } from '../../support/requests/refusal.ts';
import {
	definition,
	matchingBody,
	matchingDefinition,
	matchingOption,
	profileBody,
} from '../../support/rosters/profile-builder.ts';

const readDefinition = (body: Record<string, unknown>) => readProfile(body).definition;
const patchDefinition = (...parts: Parameters<typeof applyProfilePatch>) => applyProfilePatch(...parts).definition;

describe('what we show', () => {
	const word = fc.stringMatching(/^[A-Za-z][A-Za-z ]{0,20}[A-Za-z]$/);
	const domain = fc.constantFrom('example.org', 'students.example.org', 'a-b.example.com');
	const roles = fc.constantFrom<[UserRole, UserRole]>(['student', 'teacher'], ['faculty', 'student']);
	const absentable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
	const present = <T extends object>(value: T) =>
		Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
	const customization = fc
		.record({
			optionalPropertiesToSync: absentable(fc.uniqueArray(word, { maxLength: 4 })),
			synchronizationStartDate: absentable(fc.constant('2026-09-01T00:00:00Z')),
			isSyncDeferred: fc.boolean(),
			allowDisplayNameUpdate: fc.boolean(),
		})
		.map((value) => present(value) as EntityCustomization);
	const identity = fc.tuple(roles, domain, domain, word).map(([[first, second], one, two, source]) =>
		source.length % 2
			? {
					kind: 'creation',
					userDomains: [
						{ appliesTo: first, name: one },
						{ appliesTo: second, name: two },
					],
				}
			: {
					kind: 'matching',
					matchingOptions: [
						{ appliesTo: first, sourcePropertyName: source, targetPropertyName: 'mail' },
						{ appliesTo: second, sourcePropertyName: source, targetPropertyName: 'mailNickname', targetDomain: two },
					],
				},
	) as fc.Arbitrary<ProfileDefinition['identity']>;
	const definitions = fc
		.record({
			displayName: word,
			dataProvider: fc.record({
				kind: fc.constant('csv' as const),
				customizations: fc.dictionary(fc.constantFrom(...rosterKinds), customization),
			}),
			identity,
			licensesToAssign: fc.array(
				fc.record({ appliesTo: fc.constant('student' as const), skuIds: fc.array(fc.uuid()) }),
			),
			handleSpecialCharacterConstraint: fc.boolean(),
			expirationDate: absentable(fc.constant('2031-06-30')),
		})
		.map((value) => present(value) as ProfileDefinition);

	test('can be sent back without changing anything', () => {
		fc.assert(
			fc.property(definitions, (each) => {
				const shown = definitionResource(each);
				expect(definitionResource(readDefinition(shown))).toEqual(shown);
			}),
		);
	});

	test('changes by PATCH only where the patch says so', () => {
		fc.assert(
			fc.property(definitions, word, (each, displayName) => {
				expect(definitionResource(patchDefinition(each, { displayName }))).toEqual({
					...definitionResource(each),
					displayName,
				});
			}),
		);
	});

	test('as the full list of columns selects none of them when it comes back', () => {
		const read = readDefinition(definitionResource(definition()));
		for (const kind of rosterKinds) {
			expect(read.dataProvider.customizations[kind], kind).toEqual({
				isSyncDeferred: false,
				allowDisplayNameUpdate: false,
			});
		}
	});
});

describe('a patch', () => {
	test('that is empty changes nothing that a client can see', () => {
		expect(definitionResource(patchDefinition(matchingDefinition, {}))).toEqual(definitionResource(matchingDefinition));
	});

	test('of one customization leaves the others as they are, and needs no type', () => {
		const grade = { optionalPropertiesToSync: ['Grade'], isSyncDeferred: true, allowDisplayNameUpdate: false };
		const current = definition({ dataProvider: { kind: 'csv', customizations: { student: grade } } });
		const patched = patchDefinition(current, {
			dataProvider: { customizations: { teacher: { isSyncDeferred: true } } },
		});
		expect(patched.dataProvider.customizations.student).toEqual(grade);
		expect(patched.dataProvider.customizations.teacher).toEqual({
			isSyncDeferred: true,
			allowDisplayNameUpdate: false,
		});
	});

	test('takes customizations beside the provider too', () => {
		const patched = patchDefinition(definition(), {
			customizations: { Student: { OptionalPropertiesToSync: ['Grade'] } },
		});
		expect(patched.dataProvider.customizations.student?.optionalPropertiesToSync).toEqual(['Grade']);
	});

	test('replaces a list as a whole', () => {
		const userDomains = [
			{ appliesTo: 'teacher', name: 'new.example.org' },
			{ appliesTo: 'student', name: 'example.com' },
		];
		const { identity } = patchDefinition(definition(), { identitySyncConfiguration: { userDomains } });
		expect(identity).toEqual({ kind: 'creation', userDomains });
	});

	test('may put an identity configuration of another type in the place of the present one', () => {
		const { identitySynchronizationConfiguration } = matchingBody(matchingOption('student'), matchingOption('teacher'));
		expect(patchDefinition(definition(), { identitySynchronizationConfiguration })).toEqual({
			...matchingDefinition,
			dataProvider: expect.anything(),
		});
	});

	test('clears with null', () => {
		const current = definition({
			expirationDate: '2031-06-30',
			licensesToAssign: [{ appliesTo: 'student', skuIds: [] }],
		});
		const patched = patchDefinition(current, { expirationDate: null, licensesToAssign: null });
		expect([patched.expirationDate, patched.licensesToAssign]).toEqual([undefined, []]);
	});

	test('cannot clear what is required', () => {
		const error = refusal(() => patchDefinition(definition(), { displayName: null }));
		expect(error.extras.details).toMatchObject([{ target: 'displayName' }]);
	});

	test('of another provider has to be whole', () => {
		const dataProvider = { '@odata.type': '#microsoft.graph.educationPowerSchoolDataProvider' };
		const error = refusal(() => patchDefinition(definition(), { dataProvider }));
		expect(error.extras.details).toMatchObject([
			{ target: 'dataProvider/connectionUrl' },
			{ target: 'dataProvider/clientId' },
		]);
	});

	test('keeps the secret if it has none, and hands a new one over apart', () => {
		const provider = {
			'@odata.type': '#microsoft.graph.educationOneRosterApiDataProvider',
			connectionUrl: 'https://sis.example.org',
			connectionSettings: {
				'@odata.type': '#microsoft.graph.educationSynchronizationOAuth1ConnectionSettings',
				clientId: 'client',
				clientSecret: 'first secret',
			},
		};
		const { definition: stored, clientSecret } = readProfile(profileBody({ dataProvider: provider }));
		expect(clientSecret).toBe('first secret');
		expect(JSON.stringify(stored)).not.toContain('secret');
		expect(applyProfilePatch(stored, { displayName: 'Other' })).not.toHaveProperty('clientSecret');
		const connectionSettings = { clientSecret: 'second secret' };
		const patched = applyProfilePatch(stored, { dataProvider: { connectionSettings } });
		expect(patched.clientSecret).toBe('second secret');
		expect(definitionResource(patched.definition)).toEqual(definitionResource(stored));
	});

	test('ignores what only the service sets', () => {
		const patch = { id: 'x', state: 'deleting', syncStatus: 'success', '@odata.context': 'y' };
		expect(definitionResource(patchDefinition(definition(), patch))).toEqual(definitionResource(definition()));
	});
});
