import { EntityOrder, type Keyed, keyRangeOf } from './entity-order.ts';

/**
 * Azurite (3.37) looks at every entity of a table for every query, sorts what it has found, and finds the place of a single entity
 * in two lists of numbers of which each write moves a half: a table with 100,000 entities takes some hundred milliseconds for a
 * query that answers a hundred. Here its entities are kept in order. All conditions of a query are still Azurite's own to judge.
 */
export function orderTables(azurite: NodeJS.Require): void {
	const { prototype: store } = (azurite('./table/persistence/LokiTableMetadataStore.js') as StoreModule).default;
	const { queryTableEntities, getEntityCollection, updateTableEntity } = store;
	store.getEntityCollection = function (...asked) {
		const collection = getEntityCollection.apply(this, asked);
		orderOf(collection);
		return collection;
	};
	store.queryTableEntities = function (context, account, table, options, ...continuation) {
		const order = orderOf(this.getEntityCollection(account, table, context));
		const [partition, row] = continuation.map(decoded);
		const start = partition === undefined ? undefined : { partition, row: row ?? '' };
		const rows = () => order.within(keyRangeOf(options.filter), start);
		const view = withCollection(this, { chain: () => new OrderedRows(rows()) });
		return queryTableEntities.call(view, context, account, table, options, ...continuation);
	};
	store.updateTableEntity = function (context, table, account, ...written) {
		const collection = this.getEntityCollection(account, table, context);
		const view = withCollection(this, replacing(collection));
		return updateTableEntity.call(view, context, table, account, ...written);
	};
}

interface Entity extends Keyed {
	$loki?: number;
	meta?: unknown;
}

/** Of LokiJS. */
interface Collection {
	data: Entity[];
	binaryIndices: object;
	findOne(query: Partial<Keyed>): Entity | null;
	update(entity: Entity): Entity;
	on(event: 'insert' | 'update' | 'delete', listener: (entity: Entity) => void): void;
}

interface StoreModule {
	default: { prototype: Store };
}

interface Store {
	getEntityCollection(account: string, table: string, context: unknown): Collection;
	queryTableEntities(
		context: unknown,
		account: string,
		table: string,
		options: { filter?: string },
		...continuation: (string | undefined)[]
	): Promise<unknown>;
	updateTableEntity(context: unknown, table: string, account: string, ...written: unknown[]): Promise<unknown>;
}

const orders = new WeakMap<Collection, EntityOrder<Entity>>();

function orderOf(collection: Collection): EntityOrder<Entity> {
	const known = orders.get(collection);
	if (known) return known;
	const order = new EntityOrder(collection.data);
	orders.set(collection, order);
	collection.on('insert', (entity) => order.set(entity));
	collection.on('update', (entity) => order.set(entity));
	collection.on('delete', (entity) => order.delete(entity));
	// Nothing else asks these.
	collection.binaryIndices = {};
	collection.findOne = ({ PartitionKey = '', RowKey = '' }) => order.get(PartitionKey, RowKey) ?? null;
	return order;
}

/** The store, but for the collection that it works on. */
const withCollection = (store: Store, collection: object): Store =>
	Object.create(store, { getEntityCollection: { value: () => collection } });

/** Azurite removes an entity and inserts the one that replaces it, for which LokiJS moves all that stand behind. */
function replacing(collection: Collection): object {
	let replaced: Entity | undefined;
	return {
		findOne: (query: Keyed) => collection.findOne(query),
		remove(entity: Entity) {
			replaced = entity;
		},
		insert: (entity: Entity) =>
			collection.update(Object.assign(entity, { $loki: replaced?.$loki, meta: replaced?.meta })),
	};
}

const decoded = (header: string | undefined) =>
	header === undefined ? undefined : String(Buffer.from(header, 'base64'));

/** What Azurite asks of a result of LokiJS, for rows that are in order and need be looked at no longer than until there are enough. */
class OrderedRows {
	readonly #rows: Iterable<Entity>;
	readonly #conditions: ((entity: Entity) => boolean)[] = [];
	#limit = Number.POSITIVE_INFINITY;

	constructor(rows: Iterable<Entity>) {
		this.#rows = rows;
	}

	where(condition: (entity: Entity) => boolean): this {
		this.#conditions.push(condition);
		return this;
	}

	sort(): this {
		return this;
	}

	limit(count: number): this {
		this.#limit = count;
		return this;
	}

	data(): Entity[] {
		const found: Entity[] = [];
		for (const row of this.#rows) {
			if (!this.#conditions.every((condition) => condition(row))) continue;
			found.push(row);
			if (found.length >= this.#limit) break;
		}
		return found;
	}
}
