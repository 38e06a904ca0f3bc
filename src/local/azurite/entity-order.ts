/** What stands in a table, as far as its place there goes. */
export interface Keyed {
	PartitionKey: string;
	RowKey: string;
}

interface Bounds {
	/** Neither is less than this, nor greater than that; both are wider than what is asked for, never narrower. */
	least?: string;
	greatest?: string;
}

/** Where all entities lie that a query may be about. */
export interface KeyRange {
	partitions: Bounds;
	rows: Bounds;
}

/** The entities of a table by partition and row, in the order in which a query answers them: that of UTF-16 code units. */
export class EntityOrder<T extends Keyed> {
	readonly #partitions = new Map<string, T[]>();
	/** In order. */
	readonly #names: string[] = [];

	constructor(entities: Iterable<T>) {
		for (const entity of entities) this.#partitionOf(entity.PartitionKey).push(entity);
		for (const rows of this.#partitions.values()) rows.sort((a, b) => (a.RowKey < b.RowKey ? -1 : 1));
	}

	get(partition: string, row: string): T | undefined {
		const rows = this.#partitions.get(partition) ?? [];
		const found = rows[placeOf(rows, row)];
		return found?.RowKey === row ? found : undefined;
	}

	/** Adds an entity, or puts it into the place of the one with its keys. */
	set(entity: T): void {
		const rows = this.#partitionOf(entity.PartitionKey);
		const at = placeOf(rows, entity.RowKey);
		rows.splice(at, rows[at]?.RowKey === entity.RowKey ? 1 : 0, entity);
	}

	/** Only if it is this very entity: another one may have taken its place. */
	delete(entity: T): void {
		const rows = this.#partitions.get(entity.PartitionKey) ?? [];
		const at = placeOf(rows, entity.RowKey);
		if (rows[at] === entity) rows.splice(at, 1);
	}

	/** From `start` on, if there is one. */
	*within({ partitions, rows }: KeyRange, start?: { partition: string; row: string }): Generator<T> {
		const first = laterOf(partitions.least, start?.partition);
		const names = this.#names;
		for (let at = placeIn(names, (name) => name >= first); at < names.length; at++) {
			const name = names[at] as string;
			if (partitions.greatest !== undefined && name > partitions.greatest) return;
			const least = laterOf(rows.least, name === start?.partition ? start.row : undefined);
			yield* rowsFrom(this.#partitions.get(name) ?? [], { ...rows, least });
		}
	}

	#partitionOf(name: string): T[] {
		const known = this.#partitions.get(name);
		if (known) return known;
		const rows: T[] = [];
		this.#partitions.set(name, rows);
		this.#names.splice(
			placeIn(this.#names, (other) => other >= name),
			0,
			name,
		);
		return rows;
	}
}

function* rowsFrom<T extends Keyed>(rows: readonly T[], { least = '', greatest }: Bounds): Generator<T> {
	for (let at = placeOf(rows, least); at < rows.length; at++) {
		const row = rows[at] as T;
		if (greatest !== undefined && row.RowKey > greatest) return;
		yield row;
	}
}

const laterOf = (one = '', other = '') => (one > other ? one : other);
const placeOf = (rows: readonly Keyed[], key: string) => placeIn(rows, ({ RowKey }) => RowKey >= key);

/** Of the first item for which the claim holds; it holds for all behind that one. */
function placeIn<T>(items: readonly T[], holds: (item: T) => boolean): number {
	let [low, high] = [0, items.length];
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (holds(items[middle] as T)) high = middle;
		else low = middle + 1;
	}
	return low;
}

const comparison = /^(PartitionKey|RowKey) (eq|gt|ge|lt|le) '((?:[^']|'')*)'(?: and |$)/;

/** The keys that a query's filter allows, as far as its first conditions say so; all keys if it is not so simple. */
export function keyRangeOf(filter: string | undefined): KeyRange {
	const range: KeyRange = { partitions: {}, rows: {} };
	let rest = filter ?? '';
	for (let found = comparison.exec(rest); found; found = comparison.exec(rest)) {
		const [text, key, operator = '', quoted = ''] = found;
		narrow(key === 'RowKey' ? range.rows : range.partitions, operator, quoted.replaceAll("''", "'"));
		rest = rest.slice(text.length);
	}
	return isOneCondition(rest) ? range : { partitions: {}, rows: {} };
}

function narrow(bounds: Bounds, operator: string, value: string): void {
	if (operator !== 'lt' && operator !== 'le') bounds.least = laterOf(bounds.least, value);
	if (operator === 'gt' || operator === 'ge') return;
	if (bounds.greatest === undefined || value < bounds.greatest) bounds.greatest = value;
}

/** Whether what follows `and` stands below it: without a free `or`, which would bind less. */
function isOneCondition(rest: string): boolean {
	let depth = 0;
	const outside = rest.replace(/'(?:[^']|'')*'|[()]|[^'()]+/g, (part) => {
		if (part === '(') depth++;
		const isFree = depth === 0;
		if (part === ')') depth--;
		return isFree ? part : '';
	});
	return !/\bor\b/i.test(outside.replace(/'(?:[^']|'')*'/g, ''));
}
