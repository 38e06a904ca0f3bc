import { TableClient, type TransactionAction } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../bench/random.ts';
import { startAzurite } from '../../../src/local/azurite/azurite.ts';
import { startPlainTables } from '../../support/hosts/plain-azurite.ts';

/** The same is done to tables of ours and of Azurite as its authors made it. */
let tables: readonly [TableClient, TableClient];
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
	const ours = await startAzurite({ preferUsualPorts: false, log() {} });
	const plain = await startPlainTables();
	stops.push(ours.stop, plain.stop);
	const options = { allowInsecureConnection: true };
	const [left, right] = [ours, plain].map(({ connectionString }) =>
		TableClient.fromConnectionString(connectionString, 'Compared', options),
	) as [TableClient, TableClient];
	tables = [left, right];
	for (const table of tables) await table.createTable();
});
afterAll(() => Promise.all(stops.map((stop) => stop())));

const partitions = ['a', 'b', '1', '10'] as const;
const keys = ['1', '10', '1e1', '2', 'A', 'a', 'ab', "it's", 'é', 'z~'] as const;

const entityOf = (random: Random, partitionKey: string) => ({
	partitionKey,
	rowKey: random.pick(keys),
	[random.pick(['x', 'y'])]: random.below(5),
});

function actionOf(random: Random, partitionKey: string): TransactionAction {
	const entity = entityOf(random, partitionKey);
	return random.pick<TransactionAction>([
		['create', entity],
		['upsert', entity, 'Merge'],
		['upsert', entity, 'Replace'],
		['update', entity, 'Merge'],
		['update', entity, 'Replace'],
		['delete', entity],
	]);
}

/** Distinct rows, as a transaction must have. Often one of them fails, and all are taken back. */
function transactionOf(random: Random): TransactionAction[] {
	const partition = random.pick(partitions);
	const actions = Array.from({ length: 1 + random.below(4) }, () => actionOf(random, partition));
	return [...new Map(actions.map((action) => [action[1].rowKey, action])).values()];
}

const outcomeOf = (work: Promise<unknown>) =>
	work.then(
		() => 'done',
		(error: { statusCode?: number }) => error.statusCode,
	);

async function found(table: TableClient, filter: string, maxPageSize: number): Promise<object[]> {
	const rows: object[] = [];
	for await (const page of table.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize }))
		rows.push(page.map(({ etag: _, timestamp: __, ...entity }) => entity));
	return rows;
}

function filterOf(random: Random): string {
	const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
	const partition = () => `PartitionKey ${random.pick(['eq', 'ge', 'lt'])} ${text(random.pick(partitions))}`;
	const row = () => `RowKey ${random.pick(['eq', 'ge', 'gt', 'le', 'lt'])} ${text(random.pick(keys))}`;
	return random.pick([
		() => '',
		partition,
		() => `${partition()} and ${row()}`,
		() => `${partition()} and ${row()} and ${row()}`,
		() => `${partition()} and (${row()} or ${row()})`,
		() => `${partition()} or ${row()}`,
		() => `${partition()} and ${row()} or x eq 1`,
		() => `x gt 1 and ${partition()} and not (${row()})`,
	])();
}

test('tables answer as those of Azurite do, to 400 random transactions and queries', async () => {
	const random = seededRandom(17);
	for (let turn = 0; turn < 400; turn++) {
		const actions = transactionOf(random);
		const [ours, plain] = await Promise.all(tables.map((table) => outcomeOf(table.submitTransaction(actions))));
		expect(ours, JSON.stringify(actions)).toBe(plain);
		const filter = filterOf(random);
		const pageSize = 1 + random.below(9);
		const [oursFound, plainFound] = await Promise.all(tables.map((table) => found(table, filter, pageSize)));
		expect(oursFound, filter).toEqual(plainFound);
	}
});

test('an entity that somebody else has replaced is not replaced again', async () => {
	const [table] = tables;
	const entity = { partitionKey: 'etag', rowKey: 'one' };
	const { etag = '' } = await table.createEntity({ ...entity, x: 1 });
	await table.updateEntity({ ...entity, x: 2 }, 'Replace', { etag });
	expect(await outcomeOf(table.updateEntity({ ...entity, x: 3 }, 'Replace', { etag }))).toBe(412);
	expect((await table.getEntity('etag', 'one')).x).toBe(2);
});
