import { describe, expect, test } from 'vitest';
import type { NoticeSender, OutgoingNotice } from '../../../src/ports.ts';

export interface NoticeSenderWorld {
	sender: NoticeSender;
	/** Of a receiver that may be asked. */
	url: string;
	/** What it answers from now on; undefined where nobody answers. */
	answers(status: number | undefined): void;
	received(): readonly Pick<OutgoingNotice, 'headers' | 'body'>[];
}

const [headers, body] = [{ 'webhook-id': 'msg_1', 'webhook-timestamp': '1' }, '{"name":"Zoë 学校"}'];

/** The contract of the port, for all that post to receivers. */
export function noticeSenderSuite(name: string, open: () => NoticeSenderWorld): void {
	describe(`a receiver ${name}`, () => {
		test.each([200, 204, 307, 404, 410, 500, 503])(
			'that answers %i has got the notice with its headers, once',
			async (status) => {
				const { sender, url, answers, received } = open();
				answers(status);
				expect(await sender.post({ url, headers, body })).toBe(status);
				expect(received()).toMatchObject([{ headers, body }]);
				expect(received()).toHaveLength(1);
			},
		);

		test('that does not answer has no status', async () => {
			const { sender, url, answers } = open();
			answers(undefined);
			expect(await sender.post({ url, headers, body })).toBeUndefined();
		});

		test.each([
			['http', (url: string) => url.replace('https:', 'http:')],
			['no URL', () => 'receiver'],
			['nothing', () => ''],
		])('is not asked by %s', async (_, spoil) => {
			const { sender, url, received } = open();
			expect(await sender.post({ url: spoil(url), headers, body })).toBeUndefined();
			expect(received()).toEqual([]);
		});
	});
}
