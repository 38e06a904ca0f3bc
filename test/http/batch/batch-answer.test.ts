import { expect, test } from 'vitest';
import type { SyncApiError } from '../../../src/domain/errors.ts';
import { answerBatch } from '../../../src/http/batch/batch-answer.ts';
import { readBatch } from '../../../src/http/batch/batch-body.ts';

test('a batch that has read enough reads no more, and still carries out what it writes', async () => {
	const requests = ['GET', 'GET', 'GET', 'POST', 'GET'].map((method, at) => ({ id: String(at), method, url: '/x' }));
	const sent: string[] = [];
	const answers = await answerBatch(readBatch({ requests }), {
		async send({ id, method }) {
			sent.push(id);
			return { jsonBody: { value: method === 'GET' ? 'x'.repeat(5_000_000) : '' } };
		},
		refuse: async (_, error: SyncApiError) => ({ status: error.code === 'RequestEntityTooLarge' ? 413 : 500 }),
	});
	expect(sent).toEqual(['0', '1', '3']);
	expect(answers.map(({ id, status }) => [id, status])).toEqual([
		['0', 200],
		['1', 200],
		['2', 413],
		['3', 200],
		['4', 413],
	]);
});

test('a file is not put into a batch, and is not read for it', async () => {
	let isRead = false;
	async function* csv() {
		isRead = true;
		yield Buffer.from('kind\r\n');
	}
	const answers = await answerBatch(readBatch({ requests: [{ id: '1', method: 'GET', url: '/plan' }] }), {
		send: async () => ({ headers: { 'content-type': 'text/csv' }, body: csv() }),
		refuse: async (_, { code, message }: SyncApiError) => ({ status: 400, jsonBody: { code, message } }),
	});
	expect(answers).toMatchObject([
		{ status: 400, body: { code: 'BadRequest', message: expect.stringContaining('by itself') } },
	]);
	expect(isRead).toBe(false);
});
