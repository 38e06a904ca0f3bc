import { type FileVerdict, FileVerifier, type RosterContext } from './file-verifier.ts';
import { FileMessages, shorten, texts } from './findings/messages.ts';
import { type Severity, severities, type Verdict, type VerificationMessage } from './findings/verdict.ts';
import { nearestFile, type RosterKind, rosterFileName, rosterKinds } from './format/kinds.ts';
import { IdRegistry } from './rules/id-registry.ts';
import type { RowSink, VerificationOptions } from './verification-options.ts';

export type { RowSink, VerificationOptions };

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
	return new RosterVerification({ options, ids: new IdRegistry(options.hashSeed), sink, format: undefined });
}

class RosterVerification implements Verification {
	readonly #context: RosterContext;
	readonly #messages = new Map(rosterKinds.map((kind) => [kind, new FileMessages(rosterFileName(kind))]));
	readonly #verdicts = new Map<RosterKind, FileVerdict>();
	readonly #duplicateKinds = new Set<RosterKind>();
	readonly #unknownFiles: VerificationMessage[] = [];
	#open: { kind: RosterKind; file: FileVerifier } | undefined;

	constructor(context: RosterContext) {
		this.#context = context;
	}

	beginFile(kind: RosterKind): void {
		const last = this.#open?.kind ?? [...this.#verdicts.keys()].at(-1);
		if (this.#open || (last && rosterKinds.indexOf(kind) <= rosterKinds.indexOf(last))) {
			throw new Error(
				`Cannot begin file "${kind}" after "${last}": files come one by one, in the order of rosterKinds.`,
			);
		}
		this.#open = { kind, file: new FileVerifier(kind, this.#context, this.#messagesOf(kind)) };
	}

	write(chunk: Uint8Array): boolean {
		return this.#openFile('verify a chunk').file.write(chunk);
	}

	endFile(): void {
		const { kind, file } = this.#openFile('end a file');
		this.#verdicts.set(kind, file.end());
		this.#context.ids.releaseAfter(kind);
		this.#open = undefined;
	}

	duplicateFile(kind: RosterKind): void {
		if (!this.#duplicateKinds.has(kind)) this.#messagesOf(kind).add('Error', texts.duplicateFile());
		this.#duplicateKinds.add(kind);
	}

	unknownFile(name: string): void {
		const fileName = shorten(name.toLowerCase());
		this.#unknownFiles.push({ type: 'Warning', fileName, description: texts.unknownFile(nearestFile(name)) });
	}

	finish(): Verdict {
		if (this.#open) throw new Error(`Cannot finish: file "${this.#open.kind}" is open, and it must have ended.`);
		const verdicts = this.#verdicts;
		for (const kind of rosterKinds) {
			if (!verdicts.has(kind)) this.#messagesOf(kind).add('Error', texts.missingFile());
		}
		const perFile = [...this.#messages.values()].flatMap(({ all }) => all);
		const messages = [...perFile.sort(byFileName), ...this.#unknownFiles];
		const isAboutRows = (message: VerificationMessage) =>
			[...this.#messages.values()].some((ofFile) => ofFile.isAboutRows(message));
		const findingCounts = sumOf([...verdicts.values()].map((verdict) => verdict.findingCounts));
		return {
			messages,
			fileMessages: messages.filter((message) => !isAboutRows(message)),
			findings: rosterKinds.flatMap((kind) => verdicts.get(kind)?.findings ?? []),
			findingCount: findingCounts.Error + findingCounts.Warning + findingCounts.Information,
			findingCounts,
			rowCounts: byKind((kind) => verdicts.get(kind)?.rowCount ?? 0),
			acceptedCounts: byKind((kind) => verdicts.get(kind)?.acceptedCount ?? 0),
			skippedCounts: byKind((kind) => verdicts.get(kind)?.skippedCount ?? 0),
			failed: messages.some(({ type }) => type === 'Error'),
			unreadable: this.#duplicateKinds.size > 0 || rosterKinds.some((kind) => verdicts.get(kind)?.isUnreadable ?? true),
		};
	}

	#messagesOf(kind: RosterKind): FileMessages {
		return this.#messages.get(kind) as FileMessages;
	}

	#openFile(action: string): { kind: RosterKind; file: FileVerifier } {
		if (!this.#open) throw new Error(`Cannot ${action}: no file is open, and one must have begun.`);
		return this.#open;
	}
}

// The order of Microsoft's own example; sorting keeps the order of messages inside a file.
function byFileName(a: VerificationMessage, b: VerificationMessage): number {
	return a.fileName < b.fileName ? -1 : Number(a.fileName > b.fileName);
}

function sumOf(counts: readonly FileVerdict['findingCounts'][]): Record<Severity, number> {
	const sum: Record<Severity, number> = { Error: 0, Warning: 0, Information: 0 };
	for (const each of counts) for (const severity of severities) sum[severity] += each[severity];
	return sum;
}

function byKind(count: (kind: RosterKind) => number): Record<RosterKind, number> {
	return Object.fromEntries(rosterKinds.map((kind) => [kind, count(kind)])) as Record<RosterKind, number>;
}
