import type { RosterStore, RosterWriter } from '../../../ports.ts';
import { RunFailure, resetAdvice } from '../run-failure.ts';
import { readFile } from './roster-files.ts';

/**
 * A file that one step writes and a later one must find whole: its form in four bytes, the content, then the content's length
 * and the form once more. Fewer rows would otherwise pass for a smaller roster, and remove people from their classes.
 */
export type Form = 'SDSR' | 'SDSP' | 'SDSS' | 'SDSJ';

/** The rows of a shard; a slice of its plan; its snapshot; the journal of a slice. */
export const forms = { rows: 'SDSR', plan: 'SDSP', snapshot: 'SDSS', journal: 'SDSJ' } as const satisfies Record<
	string,
	Form
>;

const formBytes = 4;
const lengthBytes = 8;
const endBytes = lengthBytes + formBytes;

export function openSealed(rosters: RosterStore, path: string, form: Form): RosterWriter {
	const writer = rosters.write(path);
	const mark = Buffer.from(form);
	let length = 0;
	writer.append(mark);
	return {
		append(bytes) {
			length += bytes.length;
			writer.append(bytes);
		},
		drain: () => writer.drain(),
		async close() {
			const end = Buffer.alloc(endBytes);
			end.writeBigUInt64BE(BigInt(length));
			mark.copy(end, lengthBytes);
			writer.append(end);
			await writer.close();
		},
	};
}

export async function writeSealed(
	rosters: RosterStore,
	{ path, form }: { path: string; form: Form },
	parts: Iterable<Uint8Array>,
): Promise<void> {
	const writer = openSealed(rosters, path, form);
	for (const part of parts) {
		writer.append(part);
		await writer.drain();
	}
	await writer.close();
}

export interface SealedFile {
	path: string;
	form: Form;
	/** For the message, as in "the plan of student shard 0". */
	name: string;
}

/** The content. Throws `RunFailure` if the file is not there, is another one, or is not whole. */
export async function readSealed(rosters: RosterStore, file: SealedFile): Promise<Uint8Array> {
	const content = await findSealed(rosters, file);
	if (!content) throw new RunFailure(`${file.name} is missing in storage. ${resetAdvice}`);
	return content;
}

/** As `readSealed`, but undefined if the file is not there. */
export async function findSealed(
	rosters: RosterStore,
	{ path, form, name }: SealedFile,
): Promise<Uint8Array | undefined> {
	const stored = await readFile(rosters, path);
	if (!stored) return undefined;
	const file = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
	const content = file.subarray(formBytes, Math.max(formBytes, file.length - endBytes));
	const end = file.subarray(formBytes + content.length);
	const isWhole =
		end.length === endBytes &&
		file.toString('latin1', 0, formBytes) === form &&
		end.toString('latin1', lengthBytes) === form &&
		end.readBigUInt64BE() === BigInt(content.length);
	if (!isWhole) throw new RunFailure(`${name} is not whole in storage. ${resetAdvice}`);
	return content;
}
