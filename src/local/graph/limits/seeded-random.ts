import { createHash } from 'node:crypto';

/** The same seed and text give the same number from 0 to 1, in every run and in any order of asking. */
export function seededShare(seed: number, text: string): number {
	return createHash('sha256').update(`${seed}/${text}`).digest().readUInt32BE(0) / 2 ** 32;
}
