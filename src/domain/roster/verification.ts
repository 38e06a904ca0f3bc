import { type FileVerdict, FileVerifier, type RosterContext } from './file-verifier.ts';
import { IdRegistry } from './id-registry.ts';
import { type RosterKind, rosterFileName, rosterKinds } from './kinds.ts';
import { FileMessages, shorten, texts } from './messages.ts';
import type { RowView } from './records.ts';
import type { Verdict, VerificationMessage } from './verdict.ts';

export interface VerificationOptions {
	/** False for profiles that match existing users. */
	createsUsers: boolean;
	/** Domains appended to usernames, when creating or matching. */
	domains: { student?: string; teacher?: string };
	/** Source columns named in a matching configuration; they become required and unique. */
	matchingColumns: { student?: string; teacher?: string };
	handleSpecialCharacterConstraint: boolean;
	/** `optionalPropertiesToSync` by kind; null or absent means every optional column. */
	optionalColumns: Partial<Record<RosterKind, readonly string[] | null>>;
	maxRowsPerFile: number;
	/** Random, so that nobody can prepare ids that make the hash tables slow. */
	hashSeed: number;
	/** How many findings to keep for each file, rule and column. */
	findingsKept: number;
}

/** Called for every row that may be synced. Of repeated pairs of ids every one arrives: the pair is the record's key. */
export type RowSink = (row: RowView) => void;

/**
 * Verifies one roster as its bytes arrive. Files come in the order of `rosterKinds`, each as `beginFile`, any number of
 * `write` and `endFile`; a kind that never begins counts as missing.
 */
export interface Verification {
	beginFile(kind: RosterKind): void;
	/** False once the rest of the file cannot change the verdict: stop reading and call `endFile`. */
	write(chunk: Uint8Array): boolean;
	endFile(): void;
	/** A second file of the same kind, under another path. */
	duplicateFile(kind: RosterKind): void;
	/** A file that is no part of a roster. */
	unknownFile(name: string): void;
	finish(): Verdict;
}

export function createVerification(options: VerificationOptions, sink?: RowSink): Verification {
	const context: RosterContext = { options, ids: new IdRegistry(options.hashSeed), sink, format: undefined };
	const messages = new Map(rosterKinds.map((kind) => [kind, new FileMessages(rosterFileName(kind))]));
	const messagesOf = (kind: RosterKind) => messages.get(kind) as FileMessages;
	const verdicts = new Map<RosterKind, FileVerdict>();
	const unknownFiles: VerificationMessage[] = [];
	const duplicateKinds = new Set<RosterKind>();
	let open: { kind: RosterKind; file: FileVerifier } | undefined;
	const openFile = (action: string) => {
		if (!open) throw new Error(`Cannot ${action}: no file is open, and one must have begun.`);
		return open;
	};
	return {
		beginFile(kind) {
			const last = open?.kind ?? [...verdicts.keys()].at(-1);
			if (open || (last && rosterKinds.indexOf(kind) <= rosterKinds.indexOf(last))) {
				throw new Error(
					`Cannot begin file "${kind}" after "${last}": files come one by one, in the order of rosterKinds.`,
				);
			}
			open = { kind, file: new FileVerifier(kind, context, messagesOf(kind)) };
		},
		write: (chunk) => openFile('verify a chunk').file.write(chunk),
		endFile() {
			const { kind, file } = openFile('end a file');
			verdicts.set(kind, file.end());
			context.ids.releaseAfter(kind);
			open = undefined;
		},
		duplicateFile: (kind) => {
			if (!duplicateKinds.has(kind)) messagesOf(kind).add('Error', texts.duplicateFile());
			duplicateKinds.add(kind);
		},
		unknownFile: (name) => {
			unknownFiles.push({
				type: 'Warning',
				fileName: shorten(name.toLowerCase()),
				description: texts.unknownFile(),
			});
		},
		finish() {
			if (open) throw new Error(`Cannot finish: file "${open.kind}" is open, and it must have ended.`);
			for (const kind of rosterKinds) {
				if (!verdicts.has(kind)) messagesOf(kind).add('Error', texts.missingFile());
			}
			const all = [...[...messages.values()].flatMap((each) => each.all).sort(byFileName), ...unknownFiles];
			return {
				messages: all,
				findings: rosterKinds.flatMap((kind) => verdicts.get(kind)?.findings ?? []),
				rowCounts: byKind((kind) => verdicts.get(kind)?.rowCount ?? 0),
				acceptedCounts: byKind((kind) => verdicts.get(kind)?.acceptedCount ?? 0),
				failed: all.some(({ type }) => type === 'Error'),
				unreadable: duplicateKinds.size > 0 || rosterKinds.some((kind) => verdicts.get(kind)?.isUnreadable ?? true),
			};
		},
	};
}

// The order of Microsoft's own example; sorting keeps the order of messages inside a file.
function byFileName(a: VerificationMessage, b: VerificationMessage): number {
	return a.fileName < b.fileName ? -1 : Number(a.fileName > b.fileName);
}

function byKind(count: (kind: RosterKind) => number): Record<RosterKind, number> {
	return Object.fromEntries(rosterKinds.map((kind) => [kind, count(kind)])) as Record<RosterKind, number>;
}
