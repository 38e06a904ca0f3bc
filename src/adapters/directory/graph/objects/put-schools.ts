import type { DirectorySchool, WriteOutcome } from '../../../../domain/directory.ts';
import type { GraphScope } from '../graph-scope.ts';
import { educationAttributes, legalDisplayName } from './object-bodies.ts';
import { outcomeOf, putDistinct, putObjects, type WantedObject } from './put-objects.ts';

export const putSchools = (scope: GraphScope, schools: readonly DirectorySchool[]): Promise<WriteOutcome[]> =>
	putDistinct(
		schools,
		({ externalId }) => externalId,
		async (distinct) => (await putObjects(scope, distinct.map(wantedSchool))).map((result) => outcomeOf(result)),
	);

function wantedSchool(school: DirectorySchool): WantedObject {
	const displayName = legalDisplayName(school.displayName);
	return {
		record: { kind: 'school', externalId: school.externalId, source: school.externalSourceDetail },
		body: { ...sourceProperties(school), ...(school.updatesDisplayName ? { displayName } : {}) },
		bodyOnCreate: { displayName },
	};
}

/** What schools and classes have from their source. */
export const sourceProperties = ({
	attributes,
	externalId,
	externalSourceDetail,
}: Pick<DirectorySchool, 'attributes' | 'externalId' | 'externalSourceDetail'>) => ({
	...educationAttributes(attributes),
	externalId,
	externalSource: 'sis',
	externalSourceDetail,
});
