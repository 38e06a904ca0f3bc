import { anchorOf, directoryId } from '../../../../src/adapters/directory/tables/directory-keys.ts';
import type { RekeyedObject } from '../../../../src/domain/directory.ts';

type Kind = RekeyedObject['kind'];

/** Which object a SIS id means, where it is not the one whose id is made of it: to a source, or to whoever has no row of its own. */
export class FakeAnchors {
	readonly #rows = new Map<string, string>();
	#renewed = 0;

	idOf(tenantId: string, kind: Kind, record: { externalId: string; externalSourceDetail: string }): string {
		return this.#meant(directoryId(tenantId, anchorOf(kind, record.externalId)), record.externalSourceDetail);
	}

	move(tenantId: string, source: string, objects: readonly RekeyedObject[]): void {
		const moves = objects.map(({ kind, id, from, to }) => ({
			id,
			from: directoryId(tenantId, anchorOf(kind, from)),
			to: directoryId(tenantId, anchorOf(kind, to)),
		}));
		const taken = new Set(moves.map(({ to }) => to));
		for (const { id, from, to } of moves) {
			if (!taken.has(from) && this.#meant(from, source) === id)
				this.#rows.set(ownKey(from, source), directoryId(tenantId, `renewed ${++this.#renewed}`));
			if (this.#meant(to, source) === id) continue;
			this.#rows.set(to, id);
			if (this.#rows.has(ownKey(to, source))) this.#rows.set(ownKey(to, source), id);
		}
	}

	#meant(made: string, source: string): string {
		return this.#rows.get(ownKey(made, source)) ?? this.#rows.get(made) ?? made;
	}
}

const ownKey = (made: string, source: string) => `${made}|${source}`;
