import type { TableClient, TransactionAction } from '@azure/data-tables';
import type { RekeyedObject } from '../../../../domain/directory.ts';
import { statusOf } from '../../../storage-account.ts';
import { quoted } from '../../../table-pages.ts';
import { inParallel } from '../../../transactions.ts';
import { anchorOf, directoryId, partitionOf } from '../../tables/directory-keys.ts';
import { type ExistingRow, readExisting } from '../../tables/existing-rows.ts';
import { partitionSlices } from '../../tables/put-rows.ts';

/** A record of a source, by what names it there. */
export interface AnchoredRecord {
	kind: RekeyedObject['kind'];
	externalId: string;
	/** The profile's id. */
	source: string;
}

/** What is remembered of a record. */
export interface Anchor {
	/** Directory id; absent if none is known. */
	objectId?: string;
	/** When the object was written last. */
	writtenAt?: Date;
	/** Somebody is making the object, until then at most; milliseconds since 1970. */
	claimedUntil?: number;
	/** Not what the record means, since the source gave that object another SIS id. */
	otherId?: string;
	/** Licences that were given on behalf of the record. */
	skuIds: readonly string[];
	/** The school that the class was put into. */
	schoolId?: string;
}

type Remembered = AnchoredRecord & { objectId: string; skuIds?: readonly string[]; schoolId?: string };

/**
 * Table `GraphObjects`: which object of Microsoft Entra ID a SIS id means. All of it but what follows from changes of SIS ids can be found in
 * the directory, though not as fast, and not within the minutes in which its replicas differ. The row of a SIS id counts for every
 * source that has none of its own: one that gave an object another id may give the old one to somebody else, while another has not
 * changed its ids yet. Row keys are made of the SIS id, as the embedded directory makes its ids, then perhaps the source.
 */
export interface GraphAnchors {
	find(tenantId: string, records: readonly AnchoredRecord[]): Promise<readonly Anchor[]>;
	/** Repeatable at any point. */
	remember(tenantId: string, records: readonly Remembered[]): Promise<void>;
	/** True for each record whose object is now this caller's to make; false if somebody else is at it, or has made it. */
	claim(tenantId: string, records: readonly AnchoredRecord[], claim: Claim): Promise<readonly boolean[]>;
	/** Nothing is known of their objects any more: they have gone, or could not be made. */
	forget(tenantId: string, records: readonly AnchoredRecord[]): Promise<void>;
	/** Repeatable at any point. */
	move(tenantId: string, source: string, objects: readonly RekeyedObject[]): Promise<void>;
}

interface Claim {
	/** Both in milliseconds since 1970. */
	now: number;
	until: number;
}

interface Key {
	partitionKey: string;
	rowKey: string;
}

const ownKey = (key: string, source: string) => `${key}|${encodeURIComponent(source)}`;

export function graphAnchors(open: () => Promise<TableClient>): GraphAnchors {
	const rows = anchorRows(open);

	/** The row that counts for each record. */
	async function places(tenantId: string, records: readonly AnchoredRecord[]) {
		const keys = records.map(({ kind, externalId }) => directoryId(tenantId, anchorOf(kind, externalId)));
		const own = records.map(({ source }, at) => ownKey(keys[at] as string, source));
		const found = await rows.read(tenantId, keys, own);
		return keys.map((key, at) => {
			const ownRow = found.get(own[at] as string);
			const general = found.get(key);
			const otherId = ownRow && general?.objectId ? String(general.objectId) : undefined;
			const rowKey = ownRow ? (own[at] as string) : key;
			return { partitionKey: partitionOf(tenantId, key), rowKey, row: ownRow ?? general, otherId };
		});
	}

	return {
		async find(tenantId, records) {
			return (await places(tenantId, records)).map(({ row, otherId }) => readAnchor(row, otherId));
		},

		async remember(tenantId, records) {
			const placed = await places(tenantId, records);
			await rows.upsert(
				placed.map(({ partitionKey, rowKey }, at) => {
					const { objectId, skuIds, schoolId } = records[at] as Remembered;
					return {
						...{ partitionKey, rowKey, objectId, claimedUntil: double(0) },
						...(skuIds ? { skuIds: JSON.stringify(skuIds) } : {}),
						...(schoolId === undefined ? {} : { schoolId }),
					};
				}),
			);
		},

		async claim(tenantId, records, { now, until }) {
			const placed = await places(tenantId, records);
			const table = await open();
			return inParallel(placed, async ({ partitionKey, rowKey, row }) => {
				const { objectId, claimedUntil = 0 } = readAnchor(row);
				if (objectId !== undefined || claimedUntil > now) return false;
				return replaceRow(table, { partitionKey, rowKey, objectId: '', claimedUntil: double(until) }, row?.etag);
			});
		},

		async forget(tenantId, records) {
			const placed = await places(tenantId, records);
			const known = placed.filter(({ row }) => row !== undefined);
			await rows.upsert(known.map(({ partitionKey, rowKey }) => emptied({ partitionKey, rowKey })));
		},

		async move(tenantId, source, objects) {
			await rows.markOwn(tenantId);
			const keyOf = ({ kind }: RekeyedObject, externalId: string) => directoryId(tenantId, anchorOf(kind, externalId));
			const taken = new Set(objects.map((object) => keyOf(object, object.to)));
			const [before, after] = [
				await places(tenantId, recordsOf(objects, source, 'from')),
				await places(tenantId, recordsOf(objects, source, 'to')),
			];
			const written = new Map<string, Key & { objectId: string }>();
			const write = (key: string, rowKey: string, objectId: string) =>
				written.set(rowKey, { partitionKey: partitionOf(tenantId, key), rowKey, objectId });
			for (const [at, object] of objects.entries()) {
				const [from, to] = [keyOf(object, object.from), keyOf(object, object.to)];
				if (readAnchor(after[at]?.row).objectId !== object.id) {
					write(to, to, object.id);
					if (after[at]?.rowKey !== to) write(to, ownKey(to, source), object.id);
				}
				const meant = readAnchor(before[at]?.row).objectId;
				if (!taken.has(from) && (meant === object.id || before[at]?.row === undefined))
					write(from, ownKey(from, source), '');
				// To others the old id means what it did.
				if (before[at]?.row === undefined) write(from, from, object.id);
			}
			await rows.upsert([...written.values()].map((row) => ({ ...row, claimedUntil: double(0) })));
		},
	};
}

const recordsOf = (objects: readonly RekeyedObject[], source: string, side: 'from' | 'to'): AnchoredRecord[] =>
	objects.map(({ kind, [side]: externalId }) => ({ kind, externalId, source }));

const emptied = (key: Key) => ({ ...key, objectId: '', claimedUntil: double(0), skuIds: '[]', schoolId: '' });

/** Whole numbers would be stored as 32-bit ones. */
const double = (value: number) => ({ type: 'Double' as const, value: String(value) });

function readAnchor(row: ExistingRow | undefined, otherId?: string): Anchor {
	const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
	const objectId = text(row?.objectId);
	const schoolId = text(row?.schoolId);
	const claimedUntil = typeof row?.claimedUntil === 'number' ? row.claimedUntil : 0;
	return {
		...(objectId ? { objectId, writtenAt: new Date(String(row?.timestamp)) } : {}),
		...(claimedUntil > 0 ? { claimedUntil } : {}),
		...(otherId ? { otherId } : {}),
		...(schoolId ? { schoolId } : {}),
		skuIds: JSON.parse(text(row?.skuIds) ?? '[]') as string[],
	};
}

/** No other key of a partition begins like that. */
const markPartition = (tenantId: string) => `${tenantId}|own`;

function anchorRows(open: () => Promise<TableClient>) {
	/** Tenants in which a source has rows of its own: they never lose the last one. */
	const known = new Set<string>();

	async function haveOwn(table: TableClient, tenantId: string): Promise<boolean> {
		if (known.has(tenantId)) return true;
		const marks = table.listEntities({
			queryOptions: { filter: `PartitionKey eq ${quoted(markPartition(tenantId))}` },
		});
		for await (const _ of marks) known.add(tenantId);
		return known.has(tenantId);
	}

	return {
		async read(tenantId: string, keys: readonly string[], own: readonly string[]) {
			const table = await open();
			const wanted = [...new Set((await haveOwn(table, tenantId)) ? [...keys, ...own] : keys)];
			const placed = wanted.map((rowKey) => ({ partitionKey: partitionOf(tenantId, rowKey), rowKey }));
			const found = new Map<string, ExistingRow>();
			await inParallel(partitionSlices(placed), async (slice) => {
				for (const [key, row] of await readExisting(table, slice)) found.set(key, row);
			});
			return found;
		},

		async upsert(entities: readonly Key[]): Promise<void> {
			const table = await open();
			const distinct = new Map(entities.map((row) => [row.rowKey, { ...row }]));
			await inParallel(partitionSlices([...distinct.values()]), async (slice) => {
				await table.submitTransaction(slice.map((row): TransactionAction => ['upsert', row, 'Merge']));
			});
		},

		/** Before the rows, so that nobody who sees no mark misses them. */
		async markOwn(tenantId: string): Promise<void> {
			const table = await open();
			if (await haveOwn(table, tenantId)) return;
			await table.upsertEntity({ partitionKey: markPartition(tenantId), rowKey: 'rows' }, 'Replace');
		},
	};
}

/** False if somebody else was faster. */
async function replaceRow(table: TableClient, row: Key & Record<string, unknown>, etag?: string): Promise<boolean> {
	try {
		if (etag === undefined) await table.createEntity(row);
		else await table.updateEntity(row, 'Merge', { etag });
		return true;
	} catch (error) {
		if ([404, 409, 412].includes(statusOf(error) ?? 0)) return false;
		throw error;
	}
}
