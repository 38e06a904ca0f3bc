import { fakeAuditStore } from '../support/fakes/audit-store.ts';
import { fakeClock } from '../support/fakes/clock.ts';
import { fakeDirectory } from '../support/fakes/directory.ts';
import { fakeDueWorkStore } from '../support/fakes/due-work-store.ts';
import { fakeEvents } from '../support/fakes/events.ts';
import { fakeHistoryStore } from '../support/fakes/history-store.ts';
import { fakeNoticeQueue } from '../support/fakes/notices/notice-queue.ts';
import { fakeNoticeSender } from '../support/fakes/notices/notice-sender.ts';
import { fakeOrchestrations } from '../support/fakes/orchestrations.ts';
import { fakeProfileStore } from '../support/fakes/profile-store.ts';
import { fakeRosterStore } from '../support/fakes/roster-store.ts';
import { fakeRunStore } from '../support/fakes/run-store.ts';
import { fakeSecretStore } from '../support/fakes/secret-store.ts';
import { fakeSyncErrorStore } from '../support/fakes/sync-error-store.ts';
import { fakeUploadStore } from '../support/fakes/upload-store.ts';
import { workOf } from '../support/held-steps.ts';
import { shownOf } from '../support/shown-directory.ts';
import { clockSuite } from './clock-suite.ts';
import { directorySuite } from './directory/directory-suite.ts';
import { eventsSuite } from './events-suite.ts';
import { noticeQueueSuite } from './notices/notice-queue-suite.ts';
import { noticeSenderSuite } from './notices/notice-sender-suite.ts';
import { orchestrationsSuite } from './orchestrations-suite.ts';
import { auditStoreSuite } from './stores/audit-store-suite.ts';
import { dueWorkStoreSuite } from './stores/due-work-store-suite.ts';
import { historyStoreSuite } from './stores/history-store-suite.ts';
import { profileStoreSuite } from './stores/profile-store-suite.ts';
import { rosterStoreSuite } from './stores/roster-store-suite.ts';
import { runStoreSuite } from './stores/run-store-suite.ts';
import { secretStoreSuite } from './stores/secret-store-suite.ts';
import { syncErrorStoreSuite } from './stores/sync-error-store-suite.ts';
import { uploadStoreSuite } from './stores/upload-store-suite.ts';

/** What other tests take for the outside tells the truth: each passes the suite of its port, as the adapters do. */

profileStoreSuite('in memory', () => fakeProfileStore());
runStoreSuite('in memory', () => fakeRunStore());
historyStoreSuite('in memory', fakeHistoryStore);
dueWorkStoreSuite('in memory', fakeDueWorkStore);
syncErrorStoreSuite('in memory', fakeSyncErrorStore);
auditStoreSuite('in memory', fakeAuditStore);
secretStoreSuite('in memory', fakeSecretStore);
clockSuite('that a test sets', fakeClock);
eventsSuite('that are kept', fakeEvents);
noticeQueueSuite('that are kept', () => {
	const queue = fakeNoticeQueue();
	return { queue, delivered: () => queue.queued };
});
noticeSenderSuite('in memory', () => {
	const sender = fakeNoticeSender();
	return {
		sender,
		url: 'https://receiver.example.org/hook',
		answers(status) {
			sender.status = status;
		},
		received: () => sender.sent,
	};
});
orchestrationsSuite('in memory', (steps) => {
	const { now } = fakeClock();
	return { orchestrations: fakeOrchestrations({ work: workOf(steps), now }), now };
});
directorySuite('in memory', () => {
	const clock = fakeClock();
	const directory = fakeDirectory(clock);
	return { directory, ...shownOf(directory), finds: ['userPrincipalName', 'mail', 'mailNickname'], now: clock.now };
});
rosterStoreSuite('in memory', fakeRosterStore);
uploadStoreSuite('in memory', () => {
	const rosters = fakeRosterStore();
	const uploads = fakeUploadStore(rosters, { now: () => new Date() });
	return { uploads, rosters, put: async (...parts) => uploads.put(...parts) };
});
