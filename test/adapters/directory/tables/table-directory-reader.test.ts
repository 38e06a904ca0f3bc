import { afterAll, beforeAll } from 'vitest';
import { tableDirectory } from '../../../../src/adapters/directory/tables/table-directory.ts';
import { tableDirectoryReader } from '../../../../src/adapters/directory/tables/table-directory-reader.ts';
import { directoryReaderSuite } from '../../../suites/directory/directory-reader-suite.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';

let storage: TestStorage;

beforeAll(async () => {
	storage = await startTestStorage();
});

afterAll(() => storage?.stop());

directoryReaderSuite('in tables', () => ({
	directory: tableDirectory(storage.account),
	reader: tableDirectoryReader(storage.account),
	age: forgetSearchColumns,
}));

/** As rows were before there were columns to search by. */
async function forgetSearchColumns(tenant: string) {
	for (const name of ['DirectorySchools', 'DirectoryClasses', 'DirectoryUsers']) {
		const table = await storage.account.table(name);
		for await (const row of table.listEntities({
			queryOptions: { filter: `PartitionKey ge '${tenant}|' and PartitionKey lt '${tenant}|~'` },
		})) {
			const old = Object.fromEntries(
				Object.entries(row).filter(([column]) => !/^s_|^odata|^etag|^timestamp/.test(column)),
			);
			await table.updateEntity(old as { partitionKey: string; rowKey: string }, 'Replace');
		}
	}
}
