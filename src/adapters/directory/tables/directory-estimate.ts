import type { PlannedWrites, WriteEstimate } from '../../../directory-ports.ts';
import { maxTransactionActions } from '../../transactions.ts';

/** Full transactions a second that the table service takes from one run, creating and merging by turns. */
const transactionsPerSecond = 40;

/** A user is two rows: the account, and the name by which it signs in. Who is in a class or school stands in one row as long as it is small. */
export function estimateOf({ schools, users, classes, groups }: PlannedWrites): WriteEstimate {
	const rows = [schools, 2 * users, classes, groups];
	const transactions = rows.reduce((sum, count) => sum + Math.ceil(count / maxTransactionActions), 0);
	return { writes: schools + users + classes + groups, seconds: Math.ceil(transactions / transactionsPerSecond) };
}
