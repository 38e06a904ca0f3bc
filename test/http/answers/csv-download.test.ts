import { describe, expect, test } from 'vitest';
import { csvDownload } from '../../../src/http/answers/csv-download.ts';

describe('a download', () => {
	test('is the whole file, though its chunks are reused by whoever yields them', async () => {
		const chunk = new Uint8Array(3);
		async function* reusing() {
			for (const letter of ['a', 'b']) yield chunk.fill(letter.charCodeAt(0));
		}
		const { body, headers } = await csvDownload('a.csv', reusing());
		expect(Buffer.from(body as Uint8Array).toString()).toBe('aaabbb');
		expect(headers).toMatchObject({ 'content-disposition': 'attachment; filename="a.csv"' });
	});

	test('whose source breaks off in the middle is an outage, with its cause for the log', async () => {
		const cause = new Error('aborted');
		async function* breaking() {
			yield Buffer.from('a');
			throw cause;
		}
		const download = csvDownload('a.csv', breaking());
		await expect(download).rejects.toMatchObject({ code: 'ServiceUnavailable', cause });
	});

	test('that no verification has made, since it is too long, is refused before it fills the memory', async () => {
		let sent = 0;
		async function* endless() {
			for (const chunk = new Uint8Array(1_000_000); ; sent++) yield chunk;
		}
		await expect(csvDownload('a.csv', endless())).rejects.toMatchObject({ code: 'NotSupported' });
		expect(sent).toBeLessThanOrEqual(64);
	});
});
