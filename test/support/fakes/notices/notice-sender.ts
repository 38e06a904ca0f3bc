import type { NoticeSender, OutgoingNotice } from '../../../../src/ports.ts';

export interface FakeNoticeSender extends NoticeSender {
	readonly sent: readonly OutgoingNotice[];
	/** What every receiver answers; undefined where it does not. */
	status: number | undefined;
}

export function fakeNoticeSender(): FakeNoticeSender {
	const sent: OutgoingNotice[] = [];
	const sender: FakeNoticeSender = {
		sent,
		status: 204,
		async post(notice) {
			if (!notice.url.startsWith('https://')) return undefined;
			sent.push(structuredClone(notice));
			return sender.status;
		},
	};
	return sender;
}
