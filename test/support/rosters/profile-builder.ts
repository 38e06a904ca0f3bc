import type { MatchingOption, Profile, ProfileDefinition, UserRole } from '../../../src/domain/profile.ts';
import { ownTenant } from '../tenants.ts';

export const profileId = '018f0000-0000-7000-8000-000000000001';

export function definition(changes: Partial<ProfileDefinition> = {}): ProfileDefinition {
	return {
		displayName: 'Contoso District',
		dataProvider: { kind: 'csv', customizations: {} },
		identity: {
			kind: 'creation',
			userDomains: [
				{ appliesTo: 'student', name: 'students.example.org' },
				{ appliesTo: 'teacher', name: 'example.org' },
			],
		},
		licensesToAssign: [],
		handleSpecialCharacterConstraint: false,
		...changes,
	};
}

/** A profile that is provisioned and was never started. */
export function profile(changes: Partial<Profile> = {}): Profile {
	return {
		...definition(),
		id: profileId,
		tenantId: ownTenant,
		state: 'provisioned',
		status: 'paused',
		statusMessage: '',
		createdDateTime: '2026-01-05T08:00:00.000Z',
		errorCount: 0,
		snapshotGeneration: 'first',
		...changes,
	};
}

/** A request body as the documentation of Graph shows it. */
export function profileBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		displayName: 'Contoso District',
		dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
		identitySynchronizationConfiguration: creationBody(),
		...changes,
	};
}

export function creationBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
		userDomains: [
			{ appliesTo: 'student', name: 'students.example.org' },
			{ appliesTo: 'teacher', name: 'example.org' },
		],
		...changes,
	};
}

export function matchingBody(...matchingOptions: unknown[]): Record<string, unknown> {
	return profileBody({
		identitySynchronizationConfiguration: {
			'@odata.type': '#microsoft.graph.educationIdentityMatchingConfiguration',
			matchingOptions,
		},
	});
}

export function matchingOption(appliesTo: string): MatchingOption {
	return {
		appliesTo: appliesTo as UserRole,
		sourcePropertyName: 'Username',
		targetPropertyName: 'userPrincipalName',
		targetDomain: 'example.org',
	};
}

export const matchingDefinition = definition({
	identity: { kind: 'matching', matchingOptions: [matchingOption('student'), matchingOption('teacher')] },
});
