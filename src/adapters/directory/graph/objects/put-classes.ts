import type { DirectoryClass, WriteOutcome } from '../../../../domain/directory.ts';
import type { GraphScope } from '../graph-scope.ts';
import { type Placed, putIntoSchools } from './class-schools.ts';
import { hashedNickname, legalDisplayName, legalNickname } from './object-bodies.ts';
import { outcomeOf, putDistinct, putObjects, type WantedObject } from './put-objects.ts';
import { sourceProperties } from './put-schools.ts';

export const putClasses = (scope: GraphScope, classes: readonly DirectoryClass[]): Promise<WriteOutcome[]> =>
	putDistinct(
		classes,
		({ externalId }) => externalId,
		(distinct) => putAll(scope, distinct),
	);

async function putAll(scope: GraphScope, classes: readonly DirectoryClass[]): Promise<WriteOutcome[]> {
	const wanted = classes.map(wantedClass);
	const results = await putObjects(scope, wanted);
	const placed = results.flatMap((result, at): Placed[] => {
		const { record } = wanted[at] as WantedObject;
		const { schoolId } = classes[at] as DirectoryClass;
		return result.state === 'written' ? [{ at, written: result, schoolId, record }] : [];
	});
	const moved = await putIntoSchools(scope, placed);
	return results.map((result, at) => {
		const { isMoved = false, incomplete } = moved.get(at) ?? {};
		const outcome = outcomeOf(result, isMoved);
		return outcome.ok && incomplete ? { ...outcome, incomplete } : outcome;
	});
}

function wantedClass(section: DirectoryClass): WantedObject {
	const displayName = legalDisplayName(section.displayName);
	return {
		record: { kind: 'section', externalId: section.externalId, source: section.externalSourceDetail },
		body: {
			...sourceProperties(section),
			externalName: displayName,
			...(section.updatesDisplayName ? { displayName } : {}),
		},
		bodyOnCreate: { displayName, mailNickname: legalNickname(section.mailNickname) },
		otherBodyOnCreate: { mailNickname: hashedNickname(section.mailNickname) },
	};
}
