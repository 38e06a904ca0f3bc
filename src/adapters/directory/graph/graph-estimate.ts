import type { PlannedWrites, WriteEstimate } from '../../../directory-ports.ts';
import { graphRules } from './client/write-budget.ts';
import type { GraphStrategy } from './graph-directory.ts';

/**
 * Writes for each class or school whose members change. How many members those are is not known when this is asked; a class has about thirty:
 * two packs and a teacher, or one by one.
 */
const writesPerGroup: Readonly<Record<GraphStrategy, number>> = { packed: 4, education: 30 };

/** A class is made, and put into its school; a user is made, and may get a licence. */
const writesPer = { school: 1, user: 2, class: 2 } as const;

export function estimateOf({ schools, users, classes, groups }: PlannedWrites, strategy: GraphStrategy): WriteEstimate {
	const requests =
		schools * writesPer.school + users * writesPer.user + classes * writesPer.class + groups * writesPerGroup[strategy];
	return {
		writes: schools + users + classes + groups,
		seconds: Math.ceil(requests / graphRules.perSecond),
	};
}
