import { expect, test } from 'vitest';
import { redefined } from '../../src/domain/profile.ts';
import { definition, profile } from '../support/rosters/profile-builder.ts';

test('a profile with another definition has nothing of the former one, and all that the service keeps', () => {
	const former = profile({ expirationDate: '2031-06-30', displayName: 'Former', latestRunId: 'run', errorCount: 3 });
	expect(redefined(former, definition({ displayName: 'Other' }))).toEqual(
		profile({ displayName: 'Other', latestRunId: 'run', errorCount: 3 }),
	);
});
