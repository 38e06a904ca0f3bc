import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableDirectory } from '../../../../src/adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from '../../../../src/adapters/directory/tables/table-directory-reader.ts';
import { freshId } from '../../../support/fresh-ids.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';
import { idsOf, school } from '../../../support/rosters/directory-objects.ts';

/** What the suite of the port does not see of objects to which a source gives other SIS ids. */

let storage: TestStorage;

beforeAll(async () => {
	storage = await startTestStorage();
});

afterAll(() => storage?.stop());

test('an instance that saw no new ids before finds the object by its new one, and so does a search', async () => {
	const tenant = freshId();
	const [one, other] = [tableDirectory(storage.account), tableDirectory(storage.account)];
	const [id = ''] = idsOf(await one.putSchools(tenant, [school('S1')]));
	// Now it knows of a tenant without new ids.
	expect(idsOf(await other.putSchools(tenant, [school('S1')]))).toEqual([id]);
	const objects = [{ kind: 'school', id, from: 'S1', to: 'S/001' }] as const;
	await one.rekey(tenant, { source: 'profile', objects });
	for (const each of [one, other, tableDirectory(storage.account)])
		expect(idsOf(await each.putSchools(tenant, [school('S/001')]))).toEqual([id]);
	const reader = tableDirectoryReader(storage.account);
	const where = [{ property: 'externalId', operator: 'eq', value: 's/001' }] as const;
	const found = await reader.list(tenant, { kind: 'schools' }, { size: 9, where });
	expect(found?.items.map((each) => each.id)).toEqual([id]);
});
