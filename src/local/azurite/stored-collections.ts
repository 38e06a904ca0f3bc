import type { Change, Document } from './change-log.ts';

/** Of LokiJS. */
export interface Collection {
	name: string;
	/** The greatest id that has ever been given. */
	maxId: number;
	uniqueNames: readonly string[];
	/** In order of their ids. */
	data: readonly Document[];
	get(id: number): Document | null;
}

interface Stored extends Pick<Collection, 'name' | 'maxId' | 'uniqueNames'> {
	documents: Map<number, Document>;
}

/** A database as its changes have made it. */
export class StoredCollections {
	readonly #collections = new Map<string, Stored>();
	/** Some changes have undone others. */
	isStale = false;

	apply(change: Change): void {
		const [what, name] = change;
		if (what === 'collection') {
			this.#collections.set(name, { name, ...change[2], documents: new Map() });
			return;
		}
		const stored = this.#collections.get(name);
		if (!stored) throw new Error(`Cannot read the tables: a change is about a collection "${name}" that is not there`);
		if (what === 'put') this.#put(stored, change[2]);
		else {
			this.isStale = true;
			if (what === 'drop') this.#collections.delete(name);
			else stored.documents.delete(change[2]);
		}
	}

	#put(stored: Stored, document: Document): void {
		const { $loki: id } = document;
		this.isStale ||= stored.documents.has(id);
		stored.documents.set(id, document);
		stored.maxId = Math.max(stored.maxId, id);
	}

	all(): readonly Collection[] {
		return [...this.#collections.values()].map(({ documents, ...collection }) => ({
			...collection,
			data: [...documents.values()].sort((left, right) => left.$loki - right.$loki),
			get: (id) => documents.get(id) ?? null,
		}));
	}

	/** In the shape in which LokiJS takes it, with the options that Azurite's collections have. It makes no lists of its own to find by. */
	asDatabase(): object {
		const options = { binaryIndices: {}, changes: [], disableChangesApi: true, disableDeltaChangesApi: true };
		return { collections: this.all().map(({ get: _, ...collection }) => ({ ...collection, ...options })) };
	}
}
