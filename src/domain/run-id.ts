/**
 * Run and error ids are GUIDs (version 8, RFC 9562) that carry their own order, so that a plain key order in Table
 * Storage lists runs newest first and the errors of one run in the order of the files.
 */

const latestTime = 2 ** 48 - 1;

/**
 * `random` must hold at least 16 hexadecimal digits. Later ids sort first, and this one before all of `earlier`, whatever the clock
 * says: that of another instance may be behind.
 */
export function newRunId(now: Date, random: string, earlier: readonly (string | undefined)[] = []): string {
	const started = earlier.flatMap((runId) => (runId ? [runStartTime(runId).getTime() + 1] : []));
	const time = (latestTime - Math.max(now.getTime(), ...started)).toString(16).padStart(12, '0');
	return formatGuid(`${time}8${random.slice(0, 3)}8${random.slice(3, 18).padEnd(15, '0')}`);
}

export function runStartTime(runId: string): Date {
	return new Date(latestTime - Number.parseInt(runId.replaceAll('-', '').slice(0, 12), 16));
}

export interface ErrorPlace {
	runId: string;
	/** Below 16; verification comes before the sync, and the kinds in the order of their files. */
	stage: number;
	/** Below 65,536. */
	shard: number;
	/** Place within the shard, below 4,294,967,296. */
	index: number;
}

/** The same place gives the same id, so recording an error twice records it once. */
export function syncErrorId({ runId, stage, shard, index }: ErrorPlace): string {
	const time = runStartTime(runId).getTime().toString(16).padStart(12, '0');
	const digits = runId.replaceAll('-', '');
	const place = shard.toString(16).padStart(4, '0') + index.toString(16).padStart(8, '0');
	return formatGuid(
		`${time}8${stage.toString(16)}${digits.slice(13, 15)}8${digits.slice(17, 20)}${place}`,
	).toUpperCase();
}

/** The digits that say the place within the shard. */
const indexDigits = 8;

/** The stage of the place that made the id. */
export function errorStage(errorId: string): number {
	return Number.parseInt(errorId.charAt(stagePlace), 16);
}

/** Behind 12 digits of time, two hyphens and the version. */
const stagePlace = 15;

/** The index of the place that made the id. */
export function errorIndex(errorId: string): number {
	return Number.parseInt(errorId.slice(-indexDigits), 16);
}

/** The id of the first error of the same place: what all ids of one run, stage and shard have in common. */
export function errorPlaceId(errorId: string): string {
	return errorId.slice(0, -indexDigits) + '0'.repeat(indexDigits);
}

/** The id of the last error that its place could have. */
export function lastErrorId(errorId: string): string {
	return errorId.slice(0, -indexDigits) + 'F'.repeat(indexDigits);
}

/** The id of the first error of the chunk of `size` errors that the error is in. */
export function errorChunkId(errorId: string, size: number): string {
	const first = Math.floor(errorIndex(errorId) / size) * size;
	return errorId.slice(0, -indexDigits) + first.toString(16).padStart(indexDigits, '0').toUpperCase();
}

function formatGuid(digits: string): string {
	return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20, 32)}`;
}
