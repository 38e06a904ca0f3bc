import { afterAll, beforeAll } from 'vitest';
import { tableAuditStore } from '../../../src/adapters/stores/audit-store.ts';
import { tableDueWorkStore } from '../../../src/adapters/stores/due-work-store.ts';
import { tableHistoryStore } from '../../../src/adapters/stores/history-store.ts';
import { tableProfileStore } from '../../../src/adapters/stores/profile-store.ts';
import { tableRunStore } from '../../../src/adapters/stores/run-store.ts';
import { tableSyncErrorStore } from '../../../src/adapters/stores/sync-error-store.ts';
import { auditStoreSuite } from '../../suites/stores/audit-store-suite.ts';
import { dueWorkStoreSuite } from '../../suites/stores/due-work-store-suite.ts';
import { historyStoreSuite } from '../../suites/stores/history-store-suite.ts';
import { profileStoreSuite } from '../../suites/stores/profile-store-suite.ts';
import { runStoreSuite } from '../../suites/stores/run-store-suite.ts';
import { syncErrorStoreSuite } from '../../suites/stores/sync-error-store-suite.ts';
import { startTestStorage, type TestStorage } from '../../support/hosts/test-storage.ts';

let storage: TestStorage;

beforeAll(async () => {
	storage = await startTestStorage();
});

afterAll(() => storage?.stop());

profileStoreSuite('in a table', () => tableProfileStore(storage.account));
runStoreSuite('in a table', () => tableRunStore(storage.account));
historyStoreSuite('in a table', () => tableHistoryStore(storage.account));
dueWorkStoreSuite('in a table', () => tableDueWorkStore(storage.account));
syncErrorStoreSuite('in a table', () => tableSyncErrorStore(storage.account));
auditStoreSuite('in a table', () => tableAuditStore(storage.account));
