import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableDirectory } from '../../../../src/adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from '../../../../src/adapters/directory/tables/table-directory-reader.ts';
import type { Directory } from '../../../../src/directory-ports.ts';
import type { UserAccount } from '../../../../src/domain/directory.ts';
import { directorySuite } from '../../../suites/directory/directory-suite.ts';
import { freshId } from '../../../support/fresh-ids.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';
import { school, student } from '../../../support/rosters/directory-objects.ts';
import { shownBy } from '../../../support/shown-directory.ts';

let storage: TestStorage;
let directory: Directory;

beforeAll(async () => {
	storage = await startTestStorage();
	directory = tableDirectory(storage.account);
});

afterAll(() => storage?.stop());

directorySuite('in tables', () => ({
	directory,
	...shownBy(tableDirectoryReader(storage.account)),
	finds: ['userPrincipalName', 'mail', 'mailNickname'],
	now: () => new Date(),
}));

/** The rows of a tenant, as they are kept. */
async function rowsOf(tenantId: string, name: string): Promise<Record<string, unknown>[]> {
	const rows: Record<string, unknown>[] = [];
	for await (const row of (await storage.account.table(name)).listEntities())
		if (String(row.partitionKey).startsWith(tenantId)) rows.push(row);
	return rows;
}

test('objects come back in the shape of Graph, with nested properties and without anything of ours', async () => {
	const tenantId = freshId();
	const attributes = { schoolNumber: '7', address: { city: 'Rivertown', street: null } };
	await directory.putSchools(tenantId, [school('S1', { attributes })]);
	const listed = await tableDirectoryReader(storage.account).list(tenantId, { kind: 'schools' }, { size: 9 });
	expect(listed?.items).toEqual([
		{
			id: expect.stringMatching(/^[0-9a-f-]{36}$/),
			displayName: 'School S1',
			externalId: 'S1',
			externalSource: 'sis',
			externalSourceDetail: 'profile',
			schoolNumber: '7',
			address: { city: 'Rivertown' },
		},
	]);
});

test('a password is in no row', async () => {
	const tenantId = freshId();
	const names = { userPrincipalName: 'ada@example.org', displayName: 'Ada A' };
	const account: UserAccount = { mode: 'create', ...names, password: 'Secret-2026!' };
	await directory.putUsers(tenantId, [student('P1', { account })]);
	const rows = await rowsOf(tenantId, 'DirectoryUsers');
	expect(rows).toHaveLength(1);
	expect(JSON.stringify(rows)).not.toContain('Secret-2026!');
});
