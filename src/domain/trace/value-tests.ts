import { KeyTable } from '../roster/csv/key-table.ts';
import type { ValueTest } from './row-picker.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Ids count to the letter. */
export function oneOf(ids: Iterable<string>, seed: number): ValueTest {
	const table = new KeyTable({ seed });
	for (const id of ids) {
		const bytes = encoder.encode(id);
		table.intern(bytes, 0, bytes.length);
	}
	return (bytes, start, end) => table.find(bytes, start, end) >= 0;
}

/** A sign-in name, in any case; with the profile's domain or without, whichever of the two the file has. */
export function isUsername(name: string, domain: string | undefined): ValueTest {
	const folded = name.toLowerCase();
	const suffix = domain === undefined ? undefined : `@${domain.toLowerCase()}`;
	const names = new Set([folded]);
	if (suffix && folded.endsWith(suffix)) names.add(folded.slice(0, -suffix.length));
	else if (suffix && !folded.includes('@')) names.add(folded + suffix);
	const lengths = new Set([...names].map((each) => encoder.encode(each).length));
	return (bytes, start, end) =>
		lengths.has(end - start) && names.has(decoder.decode(bytes.subarray(start, end)).toLowerCase());
}
