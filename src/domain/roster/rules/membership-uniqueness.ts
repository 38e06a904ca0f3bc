import type { KeyTable } from '../csv/key-table.ts';
import type { Row } from '../csv/row.ts';
import type { FindingDetails, FindingSite } from '../findings/finding-log.ts';
import { shorten } from '../findings/messages.ts';
import type { FileColumn } from '../format/file-columns.ts';
import { MembershipList } from '../format/membership-list.ts';
import type { IdRegistry } from './id-registry.ts';

/** Pairs of section and user that occur again. Rows with other errors are no pairs. */
export class MembershipUniqueness {
	readonly #list = new MembershipList();
	readonly #site: FindingSite;
	readonly #sections: KeyTable | undefined;
	readonly #users: KeyTable | undefined;
	readonly #seed: number;

	constructor(columns: readonly FileColumn[], ids: IdRegistry, seed: number) {
		const tables = columns.map(({ definition }) => definition.references && ids.get(definition.references));
		[this.#sections, this.#users] = tables;
		this.#site = { place: 0, column: columns.map(({ column }) => column).join(', ') };
		this.#seed = seed;
	}

	add(row: Row): void {
		if (!this.#sections || !this.#users) return;
		this.#list.add(row.references[0] as number, row.references[1] as number, row.line);
	}

	/** Visits every row whose pair an earlier row has, in order of line. */
	forEachRepeated(visit: (site: FindingSite, describe: () => FindingDetails) => void): void {
		const sections = this.#sections;
		const users = this.#users;
		if (!sections || !users) return;
		const counts = { sections: sections.size, users: users.size, seed: this.#seed };
		this.#list.forEachRepeated(counts, (section, user, line) => {
			visit(this.#site, () => {
				const key = `${idText(sections, section)} / ${idText(users, user)}`;
				return { line, key, value: key };
			});
		});
	}
}

const decoder = new TextDecoder();

function idText(table: KeyTable, id: number): string {
	return shorten(decoder.decode(table.keyOf(id)));
}
