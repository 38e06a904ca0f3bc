import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Azurite's databases in its data folder. Each is saved as a whole, by itself. */
const databases = [
	'__azurite_db_table__.json',
	'__azurite_db_blob__.json',
	'__azurite_db_blob_extent__.json',
	'__azurite_db_queue__.json',
	'__azurite_db_queue_extent__.json',
] as const;

/** What the folder says about the last time that it was in use. */
interface Record {
	/** `open` while Azurite runs. Whatever ends it before it has saved everything leaves it so. */
	state: 'open' | 'closed';
	/** Bytes of each database at the clean stop. */
	sizes?: { [database: string]: number };
	/** When it was last found that something may have been lost. */
	lostAt?: string;
}

export interface OpenedFolder {
	/** What may be lost since the folder was last in use, one sentence each; none after a clean stop. */
	losses: readonly string[];
	/** When something may have been lost, now or at an earlier start; absent if that never happened. */
	lostAt?: string;
}

const recordFile = 'last-stop.json';

const endedUncleanly =
	'The storage emulator did not end cleanly the last time: it was killed, could not save, or the machine went down. The last seconds of what it had accepted may be lost, and tables and files may not be of the same moment.';

/**
 * Notes in Azurite's data folder that it is in use, until `closeFolder` says that everything is saved, and answers what may
 * have been lost since it was saved the last time. `alsoLost` is what the caller found missing.
 */
export function openFolder(
	folder: string,
	{ now, alsoLost }: { now: Date; alsoLost: readonly string[] },
): OpenedFolder {
	const before = readRecord(folder);
	const losses = [...lossesSince(folder, before), ...alsoLost];
	const lostAt = losses.length > 0 ? now.toISOString() : before?.lostAt;
	const known = lostAt === undefined ? {} : { lostAt };
	writeRecord(folder, { state: 'open', ...known });
	return { losses, ...known };
}

/** Everything is saved, and Azurite writes no more. */
export function closeFolder(folder: string): void {
	const { lostAt } = readRecord(folder) ?? {};
	const sizes = Object.fromEntries(databases.flatMap((name) => sizeOf(folder, name).map((size) => [name, size])));
	writeRecord(folder, { state: 'closed', sizes, ...(lostAt === undefined ? {} : { lostAt }) });
}

function lossesSince(folder: string, before: Record | undefined): readonly string[] {
	if (!before) return [];
	if (before.state !== 'closed') return [endedUncleanly];
	return Object.entries(before.sizes ?? {}).flatMap(([name, size]) => {
		const [found] = sizeOf(folder, name);
		if (found === size) return [];
		const what = found === undefined ? 'is gone' : `has ${found} bytes instead of ${size}`;
		return `The storage emulator's file "${name}" ${what}: it is not the one that was saved at the last stop, and what has been written since it was made may be lost.`;
	});
}

/** None if the file is not there. */
function sizeOf(folder: string, name: string): number[] {
	const found = statSync(join(folder, name), { throwIfNoEntry: false });
	return found ? [found.size] : [];
}

/** A record that cannot be read was not written by a clean stop. */
function readRecord(folder: string): Record | undefined {
	const file = join(folder, recordFile);
	if (!existsSync(file)) return undefined;
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return { state: 'open' };
	}
}

function writeRecord(folder: string, record: Record): void {
	const file = join(folder, recordFile);
	writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
	renameSync(`${file}.new`, file);
}
