import { accountRuleOf } from '../../domain/sync/records/identity.ts';
import type { PickedRow } from '../../domain/trace/row-picker.ts';
import { isUsername, oneOf } from '../../domain/trace/value-tests.ts';
import type { TraceScope } from './trace-scope.ts';
import { personNamed } from './traced-directory.ts';
import { pickRows } from './traced-files.ts';

export type Role = 'student' | 'teacher';

/** Somebody who may be meant, and what the files have of them. */
export interface Candidate {
	kind: Role;
	sisId: string;
	rows: readonly PickedRow[];
	rowCount: number;
}

const roles: readonly Role[] = ['student', 'teacher'];

/**
 * Who may be meant by a SIS id or a username. An id counts before a name; whom no file has any more may still be known by the name to the
 * directory, or by the id to the history.
 */
export async function findCandidates(scope: TraceScope, user: string): Promise<Candidate[]> {
	const found = (await Promise.all(roles.map((kind) => rowsOf(scope, kind, user)))).flat();
	const byId = found.filter(({ sisId }) => sisId === user);
	if (byId.length > 0) return withBothRoles(byId, user);
	if (found.length > 0) return found;
	const named = await personNamed(scope, user);
	if (named) return [{ ...named, rows: [], rowCount: 0 }];
	return withBothRoles([], user);
}

const withBothRoles = (found: readonly Candidate[], sisId: string): Candidate[] =>
	roles.map((kind) => found.find((each) => each.kind === kind) ?? { kind, sisId, rows: [], rowCount: 0 });

async function rowsOf(scope: TraceScope, kind: Role, user: string): Promise<Candidate[]> {
	const rule = accountRuleOf(scope.profile.identity, kind);
	const [isId, isName] = [oneOf([user], scope.deps.hashSeed()), isUsername(user, rule?.domain)];
	const picker = await pickRows(scope, { kind, isWanted: (has) => has('SIS ID', isId) || has('Username', isName) });
	const bySisId = Map.groupBy(picker.rows, ({ values }) => values.get('SIS ID') ?? '');
	// A username is unique: where there are several, they are rows of one.
	return [...bySisId].map(([sisId, rows]) => ({
		kind,
		sisId,
		rows,
		rowCount: bySisId.size === 1 ? picker.count : rows.length,
	}));
}
