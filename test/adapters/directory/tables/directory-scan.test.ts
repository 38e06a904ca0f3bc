import { describe, expect, test } from 'vitest';
import { endOfTenant } from '../../../../src/adapters/directory/tables/directory-keys.ts';
import { type Batch, takePage } from '../../../../src/adapters/directory/tables/directory-scan.ts';

const keyOf = (at: number) => `key${String(at).padStart(6, '0')}`;

/** One row a batch, as many as anybody asks for; tells how many were read. */
function endlessRows(): { batches: AsyncIterable<Batch>; read(): number } {
	let read = 0;
	async function* rows() {
		for (;;) {
			const rowKey = keyOf(read++);
			yield { rows: [{ rowKey }], place: rowKey, cost: 1 };
		}
	}
	return { batches: rows(), read: () => read };
}

async function* of(...batches: Batch[]) {
	yield* batches;
}

const everything = { size: 2, wantsCount: false, matches: () => true };

describe('takePage()', () => {
	test('gives a short page, or an empty one, with a place to go on when little is found for much work', async () => {
		const { batches, read } = endlessRows();
		const page = await takePage(batches, { ...everything, size: 100, matches: ({ rowKey }) => rowKey === keyOf(3) });
		expect(page).toEqual({ rows: [{ rowKey: keyOf(3) }], continuation: keyOf(read() - 1) });
		expect(read()).toBeLessThanOrEqual(20);
	});

	test('reads no further than the row that shows that there are more', async () => {
		const { batches, read } = endlessRows();
		expect(await takePage(batches, everything)).toEqual({
			rows: [{ rowKey: keyOf(0) }, { rowKey: keyOf(1) }],
			continuation: keyOf(1),
		});
		expect(read()).toBe(3);
	});

	test('goes on to the end when it counts', async () => {
		const rows = Array.from({ length: 50 }, (_, at) => ({ rowKey: keyOf(at) }));
		const batches = of(...rows.map((row) => ({ rows: [row], place: row.rowKey, cost: 1 })));
		const page = await takePage(batches, { ...everything, wantsCount: true });
		expect(page).toEqual({ rows: rows.slice(0, 2), continuation: keyOf(1), count: 50 });
	});

	test('has no place to go on from at the end', async () => {
		const row = { rowKey: keyOf(0) };
		expect(await takePage(of({ rows: [row], place: row.rowKey, cost: 1 }), everything)).toEqual({ rows: [row] });
		expect(await takePage(of({ rows: [], place: endOfTenant, cost: 99 }), everything)).toEqual({ rows: [] });
		expect(await takePage(of(), everything)).toEqual({ rows: [] });
	});
});
