/** The name that was probably meant: the one with the fewest typing errors, if they are few for its length. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
	const wanted = comparable(written);
	if (wanted.length < shortest || wanted.length > longest) return undefined;
	let nearest: string | undefined;
	let fewest = Math.max(1, Math.floor(wanted.length / lettersPerError)) + 1;
	for (const name of names) {
		const errors = typingErrors(wanted, comparable(name));
		if (errors < fewest) {
			nearest = name;
			fewest = errors;
		}
	}
	return nearest;
}

/** Of two letters everything is near. */
const shortest = 3;
/** Names come from hostile headers, and no name of ours is half as long. */
const longest = 64;
const lettersPerError = 4;

/** Case, blanks and punctuation are the smallest of errors. */
export function comparable(name: string): string {
	return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/**
 * Letters left out, added, exchanged or swapped with their neighbour.
 * https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance (optimal string alignment)
 */
function typingErrors(from: string, to: string): number {
	let beforeLast: number[] = [];
	let last = Array.from({ length: to.length + 1 }, (_, column) => column);
	for (let row = 1; row <= from.length; row++) {
		const present = [row];
		for (let column = 1; column <= to.length; column++) {
			const isSame = from[row - 1] === to[column - 1];
			const exchanged = (last[column - 1] as number) + (isSame ? 0 : 1);
			const leftOut = (last[column] as number) + 1;
			const added = (present[column - 1] as number) + 1;
			const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
			const swapped = isSwapped ? (beforeLast[column - 2] as number) + 1 : Number.POSITIVE_INFINITY;
			present.push(Math.min(exchanged, leftOut, added, swapped));
		}
		[beforeLast, last] = [last, present];
	}
	return last.at(-1) as number;
}
