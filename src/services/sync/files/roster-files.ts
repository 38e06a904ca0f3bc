import type { RosterStore } from '../../../ports.ts';

/** Reads a whole file; undefined if there is none. For files that one activity may hold: shards, plans, snapshots. */
export async function readFile(rosters: RosterStore, path: string): Promise<Uint8Array | undefined> {
	const stream = await rosters.read(path);
	if (!stream) return undefined;
	const chunks: Uint8Array[] = [];
	for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
	return Buffer.concat(chunks);
}

export async function writeFile(rosters: RosterStore, path: string, parts: Iterable<Uint8Array>): Promise<void> {
	const writer = rosters.write(path);
	for (const part of parts) {
		writer.append(part);
		await writer.drain();
	}
	await writer.close();
}

export async function readJson<T>(rosters: RosterStore, path: string): Promise<T | undefined> {
	const bytes = await readFile(rosters, path);
	return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as T);
}

export async function writeJson(rosters: RosterStore, path: string, value: unknown): Promise<void> {
	await writeFile(rosters, path, [Buffer.from(JSON.stringify(value))]);
}
