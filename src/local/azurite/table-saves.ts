import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { type Change, ChangeLog } from './change-log.ts';
import { type Collection, StoredCollections } from './stored-collections.ts';

export interface TableSaves {
	/** Takes what was removed or overwritten out of the file. */
	compact(): void;
}

/**
 * Azurite (3.37) saves the database of its tables as a whole every five seconds, as one text: with 300,000 entities that takes
 * three seconds, in which it answers nothing, and with twice as many they do not fit a text any more. Here a save adds what has
 * changed. `report` hears of every save that fails.
 */
export function saveTableChanges(azurite: NodeJS.Require, report: (error: unknown) => void): TableSaves {
	const { prototype: store } = (azurite('./table/persistence/LokiTableMetadataStore.js') as StoreModule).default;
	const { init } = store;
	let compact = () => {};
	store.init = function () {
		const adapter = new ChangesAdapter(new ChangeLog(this.lokiDBPath), report);
		this.db.persistenceAdapter = adapter;
		this.db.isIncremental = true;
		compact = () => adapter.compact(this.db);
		return init.call(this);
	};
	return { compact: () => compact() };
}

/** Of LokiJS. */
interface Database {
	collections: readonly (Collection & { dirtyIds: readonly number[] })[];
	persistenceAdapter: object;
	isIncremental: boolean;
}

interface StoreModule {
	default: { prototype: { lokiDBPath: string; db: Database; init(): Promise<void> } };
}

/** As LokiJS asks for it: in the mode "incremental" it tells which documents have changed since the last save. */
class ChangesAdapter {
	readonly mode = 'incremental';
	readonly #log: ChangeLog;
	readonly #report: (error: unknown) => void;
	/** The collections that the file has, with the greatest id that has been in each. */
	#saved = new Map<string, number>();
	/** The file has what is not in the database any more. */
	#isStale = false;
	#isOldForm = false;

	constructor(log: ChangeLog, report: (error: unknown) => void) {
		this.#log = log;
		this.#report = report;
	}

	async loadDatabase(_: string, callback: (found: object | string) => void): Promise<void> {
		try {
			callback(await this.#load());
		} catch (error) {
			callback(error as Error);
		}
	}

	async saveDatabase(_: string, getCopy: () => Database, callback: (error?: unknown) => void): Promise<void> {
		try {
			await this.#save(getCopy());
		} catch (error) {
			this.#report(error);
			callback(error);
			return;
		}
		callback();
	}

	compact({ collections }: Pick<Database, 'collections'>): void {
		if (this.#isStale) this.#rewrite(collections);
	}

	async #load(): Promise<object | string> {
		this.#isOldForm = isOldForm(this.#log.file);
		if (this.#isOldForm) return readFileSync(this.#log.file, 'utf8');
		const stored = new StoredCollections();
		await this.#log.read((change) => stored.apply(change));
		const collections = stored.all();
		this.#saved = idsOf(collections);
		// After a crash: a stop leaves nothing of this kind.
		if (stored.isStale) this.#rewrite(collections);
		return stored.asDatabase();
	}

	async #save({ collections }: Database): Promise<void> {
		if (this.#isOldForm) {
			this.#rewrite(collections);
			return;
		}
		const changes = [...changesIn(collections, this.#saved)];
		const saved = idsOf(collections);
		this.#isStale ||= changes.some((change) => isOverwriting(change, this.#saved));
		await this.#log.append(changes);
		this.#saved = saved;
	}

	#rewrite(collections: readonly Collection[]): void {
		this.#log.rewrite(wholeOf(collections));
		this.#saved = idsOf(collections);
		this.#isStale = false;
		this.#isOldForm = false;
	}
}

/** As Azurite writes it by itself: an object over the whole file. */
function isOldForm(file: string): boolean {
	const descriptor = openSync(file, 'r');
	try {
		const first = Buffer.alloc(1);
		readSync(descriptor, first);
		return String(first) === '{';
	} finally {
		closeSync(descriptor);
	}
}

const idsOf = (collections: readonly Collection[]) => new Map(collections.map(({ name, maxId }) => [name, maxId]));

function* wholeOf(collections: readonly Collection[]): Generator<Change> {
	for (const { name, maxId, uniqueNames, data } of collections) {
		yield ['collection', name, { maxId, uniqueNames }];
		for (const document of data) yield ['put', name, document];
	}
}

function* changesIn(collections: Database['collections'], saved: ReadonlyMap<string, number>): Generator<Change> {
	const present = new Set(collections.map(({ name }) => name));
	for (const name of saved.keys()) if (!present.has(name)) yield ['drop', name];
	for (const collection of collections) {
		const { name, maxId, uniqueNames } = collection;
		if (!saved.has(name)) yield ['collection', name, { maxId, uniqueNames }];
		for (const id of new Set(collection.dirtyIds)) {
			const document = collection.get(id);
			yield document ? ['put', name, document] : ['remove', name, id];
		}
	}
}

function isOverwriting(change: Change, saved: ReadonlyMap<string, number>): boolean {
	const [what, name] = change;
	if (what === 'put') return change[2].$loki <= (saved.get(name) ?? 0);
	return what !== 'collection';
}
