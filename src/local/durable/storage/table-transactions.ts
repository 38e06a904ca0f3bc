import type { TableClient, TransactionAction } from '@azure/data-tables';

/** Table transactions hold at most 100 rows and 4 MB; a part of the bytes goes to headers. */
const maxTransactionRows = 100;
const maxTransactionCharacters = 3_000_000;

/** True if one transaction can hold all of it. */
export function fitsOneTransaction(actions: readonly TransactionAction[]): boolean {
	return slice(actions).length <= 1;
}

/** Carries out actions of one partition in as few transactions as possible; they end in no particular order. */
export async function submitInSlices(table: TableClient, actions: readonly TransactionAction[]): Promise<void> {
	await Promise.all(slice(actions).map((part) => table.submitTransaction(part)));
}

function slice(actions: readonly TransactionAction[]): TransactionAction[][] {
	const slices: TransactionAction[][] = [];
	let characters = 0;
	for (const action of actions) {
		const length = JSON.stringify(action[1]).length;
		const current = slices.at(-1);
		const isFull = current?.length === maxTransactionRows || characters + length > maxTransactionCharacters;
		if (!current || isFull) {
			slices.push([action]);
			characters = length;
		} else {
			current.push(action);
			characters += length;
		}
	}
	return slices;
}
