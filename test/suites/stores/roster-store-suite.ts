import { describe, expect, test } from 'vitest';
import type { RosterStore } from '../../../src/ports.ts';
import { reusedChunks, textOf } from '../../support/bytes-of.ts';
import { freshId } from '../../support/fresh-ids.ts';

/** The contract of the port, for every store of rosters. */
export function rosterStoreSuite(name: string, open: () => RosterStore): void {
	async function write(store: RosterStore, path: string, ...parts: readonly string[]): Promise<void> {
		const writer = store.write(path);
		for await (const part of reusedChunks(parts)) {
			writer.append(part);
			await writer.drain();
		}
		await writer.close();
	}

	async function read(store: RosterStore, path: string): Promise<string | undefined> {
		const stream = await store.read(path);
		return stream && textOf(stream);
	}

	/** More than one block of storage takes. */
	const large = (letter: string) => letter.repeat(2_500_000);
	const inParts = (text: string) =>
		Array.from({ length: 10 }, (_, at) => text.slice((at * text.length) / 10, ((at + 1) * text.length) / 10));

	describe(`rosters ${name}`, () => {
		test('show a file once it is closed, and then the whole of it', async () => {
			const [store, folder] = [open(), freshId()];
			const writer = store.write(`${folder}/large`);
			for await (const part of reusedChunks(inParts(large('A')))) {
				writer.append(part);
				await writer.drain();
				expect(await store.read(`${folder}/large`)).toBeUndefined();
			}
			await writer.close();
			expect(await read(store, `${folder}/large`)).toBe(large('A'));
			expect(await store.read(`${folder}/lar`)).toBeUndefined();
			expect(await store.read(`${folder}/Large`)).toBeUndefined();
		});

		test.each([
			['a longer one', 'short', large('B')],
			['a shorter one', large('A'), 'short'],
			['nothing', 'something', ''],
		])('show a file that %s replaces as it was, and then as it is', async (_, before, after) => {
			const [store, path] = [open(), `${freshId()}/file`];
			await write(store, path, ...inParts(before));
			const writer = store.write(path);
			for (const part of inParts(after)) writer.append(Buffer.from(part));
			await writer.drain();
			expect(await read(store, path)).toBe(before);
			await writer.close();
			expect(await read(store, path)).toBe(after);
		});

		test('keep a file as it was where a writer gives up', async () => {
			const [store, path] = [open(), `${freshId()}/file`];
			await write(store, path, 'kept');
			const writer = store.write(path);
			writer.append(Buffer.from(large('B')));
			await writer.drain();
			expect(await read(store, path)).toBe('kept');
			await write(store, path, 'and written again');
			expect(await read(store, path)).toBe('and written again');
		});

		test('never show a part, whoever writes while somebody reads', async () => {
			const [store, path] = [open(), `${freshId()}/file`];
			await write(store, path, large('A'));
			const stream = (await store.read(path)) as AsyncIterable<Uint8Array>;
			const chunks = stream[Symbol.asyncIterator]();
			const first = await chunks.next();
			let text = Buffer.from(first.value as Uint8Array).toString();
			await write(store, path, large('B'));
			text += await textOf({ [Symbol.asyncIterator]: () => chunks }).catch(() => 'broken off');
			expect(text.endsWith('broken off') || text === large('A')).toBe(true);
			expect(await read(store, path)).toBe(large('B'));
		});

		test('hold what one of two wrote who write a file at once', async () => {
			const [store, path] = [open(), `${freshId()}/file`];
			const writers = ['A', 'B'].map((letter) => write(store, path, ...inParts(large(letter))));
			const done = await Promise.allSettled(writers);
			expect(done.some(({ status }) => status === 'fulfilled')).toBe(true);
			expect([large('A'), large('B')]).toContain(await read(store, path));
		});

		test('delete what begins with a text, but for what is kept, also for a second time', async () => {
			const [store, folder] = [open(), freshId()];
			const names = ['a/1', 'a/2', 'a/b/3', 'ab', 'b'];
			await Promise.all(names.map((each) => write(store, `${folder}/${each}`, each)));
			const left = async () => {
				const texts = await Promise.all(names.map((each) => read(store, `${folder}/${each}`)));
				return names.filter((each, at) => texts[at] === each);
			};
			await store.deleteAll(`${folder}/a/`, (path) => path === `${folder}/a/2`);
			expect(await left()).toEqual(['a/2', 'ab', 'b']);
			await Promise.all([store.deleteAll(`${folder}/a`), store.deleteAll(`${folder}/a`)]);
			await store.deleteAll(`${folder}/a`);
			expect(await left()).toEqual(['b']);
			await store.deleteAll(`${folder}/nothing`);
			await write(store, `${folder}/ab`, 'ab');
			expect(await left()).toEqual(['ab', 'b']);
		});

		test('take many files at once', async () => {
			const [store, folder] = [open(), freshId()];
			const paths = Array.from({ length: 40 }, (_, at) => `${folder}/${at}`);
			await Promise.all(paths.map((path) => write(store, path, path)));
			expect(await Promise.all(paths.map((path) => read(store, path)))).toEqual(paths);
			await store.deleteAll(`${folder}/`);
			expect((await Promise.all(paths.map((path) => store.read(path)))).filter((stream) => stream)).toEqual([]);
		});
	});
}
