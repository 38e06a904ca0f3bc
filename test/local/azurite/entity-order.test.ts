import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntityOrder, type Keyed, keyRangeOf } from '../../../src/local/azurite/entity-order.ts';

const key = fc.constantFrom('', '1', '10', '9', '1e1', 'a', 'A', 'aa', 'b', 'é', '~', '\u{1f600}', '\uffff');
const entity = fc.record({ PartitionKey: key, RowKey: key });
const before = (a: Keyed, b: Keyed) =>
	a.PartitionKey < b.PartitionKey || (a.PartitionKey === b.PartitionKey && a.RowKey < b.RowKey);
const inOrder = (entities: Iterable<Keyed>) => [...entities].sort((a, b) => (before(a, b) ? -1 : 1));
const everything = { partitions: {}, rows: {} };
const nameOf = ({ PartitionKey, RowKey }: Keyed) => JSON.stringify([PartitionKey, RowKey]);

describe('EntityOrder', () => {
	test('answers what was put in and not taken out again, in order', () => {
		const step = fc.record({ entity, isDeleted: fc.boolean() });
		fc.assert(
			fc.property(fc.uniqueArray(entity, { selector: nameOf }), fc.array(step), (first, steps) => {
				const order = new EntityOrder<Keyed>(first);
				const model = new Map(first.map((each) => [nameOf(each), each]));
				for (const { entity: each, isDeleted } of steps) {
					const known = model.get(nameOf(each));
					if (isDeleted && known) {
						order.delete(known);
						model.delete(nameOf(each));
					} else if (!isDeleted) {
						order.set(each);
						model.set(nameOf(each), each);
					}
				}
				expect([...order.within(everything)]).toEqual(inOrder(model.values()));
				for (const each of [...first, ...steps.map((one) => one.entity)])
					expect(order.get(each.PartitionKey, each.RowKey)).toBe(model.get(nameOf(each)));
			}),
		);
	});

	test('leaves out nothing of a range, and nothing from where a page begins', () => {
		const bounds = fc.record({ least: key, greatest: key }, { requiredKeys: [] });
		const start = fc.option(fc.record({ partition: key, row: key }), { nil: undefined });
		const entities = fc.uniqueArray(entity, { selector: nameOf });
		fc.assert(
			fc.property(entities, bounds, bounds, start, (all, partitions, rows, from) => {
				const isIn = (value: string, { least = '', greatest }: { least?: string; greatest?: string }) =>
					value >= least && (greatest === undefined || value <= greatest);
				const wanted = all.filter((each) => {
					const isLater = !from || !before(each, { PartitionKey: from.partition, RowKey: from.row });
					return isLater && isIn(each.PartitionKey, partitions) && isIn(each.RowKey, rows);
				});
				expect([...new EntityOrder(all).within({ partitions, rows }, from)]).toEqual(inOrder(wanted));
			}),
		);
	});

	test('does not take out an entity whose place another one has', () => {
		const [old, replacement] = [1, 2].map((version) => ({ PartitionKey: 'p', RowKey: 'r', version }));
		const order = new EntityOrder([old as Keyed]);
		order.set(replacement as Keyed);
		order.delete(old as Keyed);
		expect(order.get('p', 'r')).toBe(replacement);
	});
});

describe('keyRangeOf() narrows', () => {
	test.each([
		[undefined, everything],
		['', everything],
		["PartitionKey eq 'p'", { partitions: { least: 'p', greatest: 'p' }, rows: {} }],
		[
			"PartitionKey ge 'p' and PartitionKey lt 'q' and RowKey gt 'r'",
			{ partitions: { least: 'p', greatest: 'q' }, rows: { least: 'r' } },
		],
		[
			"RowKey le 'b' and RowKey lt 'a' and RowKey ge 'a' and RowKey ge ''",
			{ partitions: {}, rows: { least: 'a', greatest: 'a' } },
		],
		[
			"PartitionKey eq 'it''s and PartitionKey eq' and x eq 1",
			{ partitions: { least: "it's and PartitionKey eq", greatest: "it's and PartitionKey eq" }, rows: {} },
		],
		[
			"PartitionKey eq 'p' and (RowKey eq 'a' or not (RowKey eq ') or ('))",
			{ partitions: { least: 'p', greatest: 'p' }, rows: {} },
		],
	])('%s', (filter, range) => {
		expect(keyRangeOf(filter)).toEqual(range);
	});

	test.each([
		"PartitionKey eq 'p' or PartitionKey eq 'q'",
		"PartitionKey eq 'p' and RowKey eq 'a' or RowKey eq 'b'",
		"PartitionKey eq 'p' and (x eq 1) or (x eq 2)",
		"not (PartitionKey eq 'p')",
		"(PartitionKey eq 'p') and x eq 1",
		"PartitionKey ne 'p'",
		"PartitionKey eq 'p' OR x eq 1",
	])('not for %s', (filter) => {
		expect(keyRangeOf(filter)).toEqual(everything);
	});
});
