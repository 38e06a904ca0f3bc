/** Enough records to make an activity worth its message, few enough to fit an instance of 2 GiB many times over. */
export const rowsPerShard = 100_000;

/**
 * A power of two that never shrinks, so that every new shard finds its past in exactly one old one
 * (`previousShardOf`).
 */
export function shardCountFor(rows: number, previousCount: number): number {
	let count = Math.max(1, previousCount);
	while (count * rowsPerShard < rows) count *= 2;
	return count;
}

/** The 32-bit FNV-1a hash with a final mix. Snapshots depend on it: it must never change. */
export function shardHash(bytes: Uint8Array, start = 0, end = bytes.length): number {
	let hash = 0x811c9dc5;
	for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/** `count` is a power of two. */
export function shardOf(hash: number, count: number): number {
	return hash & (count - 1);
}

/** Of the old shards, the one that holds all that shard `shard` held when there were fewer. */
export function previousShardOf(shard: number, previousCount: number): number {
	return shard & (previousCount - 1);
}
