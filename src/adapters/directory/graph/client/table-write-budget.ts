import type { TableClient } from '@azure/data-tables';
import { disturbed, untilUndisturbed } from '../../../../undisturbed.ts';
import { type StorageAccount, statusOf } from '../../../storage-account.ts';
import { type BudgetState, graphRules, reserved, slowed, untouched, type WriteBudget } from './write-budget.ts';

const tableName = 'GraphWriteBudgets';
const rowKey = 'writes';

/** Table `GraphWriteBudgets`: one row per tenant, which changes only if nobody has changed it meanwhile. */
export function tableWriteBudget(
	account: Pick<StorageAccount, 'table'>,
	now: () => Date,
	rules = graphRules,
): WriteBudget {
	async function change<T>(tenantId: string, edit: (state: BudgetState) => { state: BudgetState; result: T }) {
		const table = await account.table(tableName);
		return untilUndisturbed('reserve writes of the directory', async () => {
			const row = await read(table, tenantId);
			const { state, result } = edit(row ?? untouched);
			return (await replace(table, { partitionKey: tenantId, rowKey, ...state }, row?.etag)) ? result : disturbed;
		});
	}
	return {
		reserve: (tenantId, units) =>
			change(tenantId, (before) => {
				const { state, reservation } = reserved(before, { units, now: now().getTime(), rules });
				return { state, result: reservation };
			}),
		slowDown: (tenantId, slowing) =>
			change(tenantId, (before) => ({ state: slowed(before, slowing, now().getTime()), result: undefined })),
	};
}

async function read(table: TableClient, tenantId: string): Promise<(BudgetState & { etag: string }) | undefined> {
	try {
		const { nextAt, share, etag } = await table.getEntity<BudgetState>(tenantId, rowKey);
		return { nextAt, share, etag };
	} catch (error) {
		if (statusOf(error) === 404) return undefined;
		throw error;
	}
}

/** False if somebody else was faster. */
async function replace(
	table: TableClient,
	row: BudgetState & { partitionKey: string; rowKey: string },
	etag: string | undefined,
): Promise<boolean> {
	try {
		if (etag === undefined) await table.createEntity(doubles(row));
		else await table.updateEntity(doubles(row), 'Replace', { etag });
		return true;
	} catch (error) {
		if ([404, 409, 412].includes(statusOf(error) ?? 0)) return false;
		throw error;
	}
}

/** Whole numbers would be stored as 32-bit ones, which a time in milliseconds does not fit. */
function doubles({ nextAt, share, ...keys }: BudgetState & { partitionKey: string; rowKey: string }) {
	const typed = (value: number) => ({ type: 'Double' as const, value: String(value) });
	return { ...keys, nextAt: typed(nextAt), share: typed(share) };
}
