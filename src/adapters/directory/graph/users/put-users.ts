import type { DirectoryUser, UserAccount, WriteOutcome } from '../../../../domain/directory.ts';
import type { GraphScope } from '../graph-scope.ts';
import { educationAttributes } from '../objects/object-bodies.ts';
import { outcomeOf, type PutResult, putDistinct } from '../objects/put-objects.ts';
import { createdUsers } from './created-users.ts';
import { giveLicences } from './licences.ts';
import { matchedUsers } from './matched-users.ts';

export type CreatedUser = DirectoryUser & { account: Extract<UserAccount, { mode: 'create' }> };
export type MatchedUser = DirectoryUser & { account: Extract<UserAccount, { mode: 'match' }> };

const isCreated = (user: DirectoryUser): user is CreatedUser => user.account.mode === 'create';

/** A result that may be one for now only. */
export type UserResult = PutResult & { isNameTaken?: true };

/** All users of one call come from one profile, so they are all created or all matched. */
export const putUsers = (scope: GraphScope, users: readonly DirectoryUser[]): Promise<WriteOutcome[]> =>
	putDistinct(
		users,
		({ role, externalId }) => `${role} ${externalId}`,
		async (distinct) => {
			const country = distinct.some(({ skuIds }) => skuIds.length > 0)
				? await scope.facts.country(scope.call)
				: undefined;
			const results: readonly UserResult[] = distinct.every(isCreated)
				? await createdUsers(scope, distinct, country)
				: await matchedUsers(scope, distinct as readonly MatchedUser[], country);
			const licensed = await giveLicences(scope, distinct, results);
			return results.map((result, at) => {
				const { changed = false, incomplete } = licensed.get(at) ?? {};
				const outcome = outcomeOf(result, changed);
				if (!outcome.ok) return result.isNameTaken ? { ...outcome, isNameTaken: true } : outcome;
				return incomplete ? { ...outcome, incomplete } : outcome;
			});
		},
	);

/** What every user has from its source. */
export function userProperties({ role, externalId, externalSourceDetail, attributes }: DirectoryUser) {
	const properties = educationAttributes(attributes);
	return {
		...properties,
		primaryRole: role,
		externalSource: 'sis',
		externalSourceDetail,
		[role]: { ...(properties[role] as object | undefined), externalId },
	};
}
