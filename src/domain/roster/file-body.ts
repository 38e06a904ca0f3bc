import type { ScannedRow } from './csv/csv-scanner.ts';
import type { KeyTable } from './csv/key-table.ts';
import type { RowView } from './csv/records.ts';
import { emptyRow, type Row } from './csv/row.ts';
import type { FindingLog } from './findings/finding-log.ts';
import { type FileColumn, type FileColumnSources, fileColumns } from './format/file-columns.ts';
import type { RosterKind } from './format/kinds.ts';
import { EntityUniqueness } from './rules/entity-uniqueness.ts';
import type { Flaw } from './rules/flaws.ts';
import { MembershipUniqueness } from './rules/membership-uniqueness.ts';
import { RowVerifier } from './rules/row-verifier.ts';

/** The first row wins. Microsoft warns of the others instead of refusing the file. */
const duplicate: Flaw = {
	rule: 'duplicate',
	severity: 'Warning',
	reason: 'stands in an earlier row, and that row counts',
	cure: 'Keep one of the rows, or give each a value of its own.',
};

export interface FileBodyOptions extends FileColumnSources {
	readonly kind: RosterKind;
	/** The scanner's. */
	readonly bytes: Uint8Array;
	readonly log: FindingLog;
	readonly seed: number;
	readonly maxRows: number;
	/** No row may be synced, sound as it may be. */
	readonly acceptsNone: boolean;
	readonly sink: ((row: RowView) => void) | undefined;
}

/** The rows below a header that could be read. */
export class FileBody {
	readonly #options: FileBodyOptions;
	readonly #row: Row;
	readonly #columns: readonly FileColumn[];
	readonly #verifier: RowVerifier;
	/** The ids that this file defines; a membership file defines none. */
	readonly #ids: KeyTable | undefined;
	readonly #entities: EntityUniqueness | undefined;
	readonly #memberships: MembershipUniqueness | undefined;
	readonly #refuseDuplicate = (column: FileColumn): void => {
		this.#isFirst = false;
		this.#verifier.report(duplicate, column);
	};
	/** Of the row at hand. */
	#isFirst = true;
	#rowCount = 0;
	#acceptedCount = 0;
	#skippedCount = 0;

	constructor(options: FileBodyOptions) {
		const { kind, ids, log, seed, rules } = options;
		this.#options = options;
		this.#row = emptyRow(kind, options.bytes);
		this.#columns = fileColumns(this.#row, options);
		this.#verifier = new RowVerifier(this.#row, this.#columns, log);
		const isMembership = this.#columns.every(({ definition }) => definition.value === 'reference');
		if (isMembership) this.#memberships = new MembershipUniqueness(this.#columns, ids, seed);
		else {
			this.#ids = ids.open(kind);
			this.#entities = new EntityUniqueness(this.#columns, this.#ids, { seed, domain: rules.domain });
		}
	}

	get rowCount(): number {
		return this.#rowCount;
	}

	get acceptedCount(): number {
		return this.#acceptedCount;
	}

	/** Rows with an error. */
	get skippedCount(): number {
		return this.#skippedCount;
	}

	receive(scanned: ScannedRow): void {
		this.#rowCount++;
		// Over the limit rows are only counted, so that the message can say how many there are.
		if (this.#rowCount > this.#options.maxRows) return;
		if (scanned.count !== this.#options.header.fieldCount) {
			this.#refuseRagged(scanned);
			this.#skippedCount++;
			return;
		}
		const isSound = this.#verifier.verify(scanned);
		this.#isFirst = true;
		this.#entities?.check(this.#row, this.#refuseDuplicate);
		if (!isSound || this.#options.acceptsNone) this.#skippedCount++;
		if (!isSound || !this.#isFirst || this.#options.acceptsNone) return;
		this.#memberships?.add(this.#row);
		this.#acceptedCount++;
		this.#options.sink?.(this.#row);
	}

	/** Finds the repeated memberships, which only show when all are known. */
	end(): void {
		this.#memberships?.forEachRepeated((site, describe) => {
			this.#options.log.add(duplicate, site, describe);
			this.#acceptedCount--;
		});
	}

	/** Neither its values nor its id can be trusted enough to be shown, but the id is taken as present. */
	#refuseRagged({ bytes, starts, ends, count, line }: ScannedRow): void {
		const expected = this.#options.header.fieldCount;
		const flaw: Flaw = {
			rule: 'raggedRow',
			severity: 'Error',
			reason: `has ${count} column(s) where the header has ${expected}`,
			cure: 'Give the row as many values as the header; a value that holds a comma needs quotation marks.',
		};
		this.#options.log.add(flaw, { place: -1 }, () => ({ line }));
		const { field } = this.#columns[0] as FileColumn;
		if (field < count) this.#ids?.intern(bytes, starts[field] as number, ends[field] as number);
	}
}
