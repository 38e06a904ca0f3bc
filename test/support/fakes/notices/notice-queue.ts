import type { Notice } from '../../../../src/domain/notices/notice.ts';
import type { NoticeQueue } from '../../../../src/ports.ts';

export interface FakeNoticeQueue extends NoticeQueue {
	/** In order; none is ever sent. */
	readonly queued: readonly Notice[];
}

export function fakeNoticeQueue(): FakeNoticeQueue {
	const queued: Notice[] = [];
	return {
		queued,
		async deliver(notice) {
			if (queued.every(({ id }) => id !== notice.id)) queued.push(structuredClone(notice));
		},
	};
}
