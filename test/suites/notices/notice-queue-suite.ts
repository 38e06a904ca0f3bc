import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../src/domain/notices/notice.ts';
import type { NoticeQueue } from '../../../src/ports.ts';
import { freshId } from '../../support/fresh-ids.ts';
import { ownTenant } from '../../support/tenants.ts';

export interface NoticeQueueWorld {
	queue: NoticeQueue;
	/** Of all that the queue was ever given, by whichever test. */
	delivered(): readonly Notice[];
}

/** As long as a slow machine may need; the time says nothing about the code. */
const soon = { timeout: 50_000, interval: 20 };

/** The contract of the port, for all that keep notices until they are delivered. */
export function noticeQueueSuite(name: string, open: () => NoticeQueueWorld): void {
	function world() {
		const { queue, delivered } = open();
		const profileId = freshId();
		const notice = (body = '{}'): Notice => {
			const id = `msg_${freshId()}`;
			return { id, tenantId: ownTenant, profileId, type: 'run.finished', body };
		};
		const own = () => delivered().filter((each) => each.profileId === profileId);
		const until = (...notices: Notice[]) =>
			expect.poll(() => own().toSorted(byId), soon).toEqual(notices.toSorted(byId));
		return { queue, notice, until };
	}

	describe(`notices ${name}`, () => {
		test('are delivered as they are', async () => {
			const { queue, notice, until } = world();
			const given = notice('{"type":"run.finished","name":"Zoë 学校","text":"\\"\\u0000"}');
			await queue.deliver(given);
			await until(given);
		});

		test('are delivered once for each id, however often they are asked for, also at once and when that is done', async () => {
			const { queue, notice, until } = world();
			const [one, other, last] = [notice(), notice(), notice()];
			await Promise.all([queue.deliver(one), queue.deliver(one), queue.deliver(other)]);
			await until(one, other);
			await queue.deliver(one);
			await queue.deliver({ ...other, body: '{"another":true}' });
			await queue.deliver(last);
			await until(one, other, last);
		});
	});
}

const byId = (left: Notice, right: Notice) => (left.id < right.id ? -1 : 1);
