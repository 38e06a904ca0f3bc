import { KeyTable } from '../../../domain/roster/csv/key-table.ts';
import { inactiveHash, type Snapshot, sameBytes } from '../../../domain/sync/history/snapshot.ts';
import { type NamedPerson, type RekeyedPair, rekeyedPeople } from '../../../domain/sync/holds/rekeys.ts';
import { forEachPlanLine, planOps } from '../../../domain/sync/plan.ts';
import {
	type AccountRole,
	type AccountRule,
	accountOf,
	accountRuleOf,
	joiningValueOf,
} from '../../../domain/sync/records/identity.ts';
import { fieldEndAfter } from '../../../domain/sync/shards/shard-rows.ts';
import type { PlannedRecord } from '../steps/apply/planned-records.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { type FindScope, historyOf, isNew, plannedOf, plansOf, textOf } from './planned-lines.ts';

/** Per call of the directory: the more names at once, the fewer requests for each. */
const namesAtOnce = 20_000;

interface PeopleScope extends FindScope {
	kind: AccountRole;
	rule: AccountRule;
	snapshot: Snapshot;
}

/** Students or teachers whose accounts the history has under ids that the file does not have any more. */
export async function findPeople(deps: SyncDeps, scope: FindScope, kind: AccountRole): Promise<RekeyedPair[]> {
	const rule = accountRuleOf(scope.profile.identity, kind);
	if (!rule) return [];
	const own: PeopleScope = { ...scope, kind, rule, snapshot: await historyOf(deps, scope, kind) };
	const { gone, changed } = await fatesOf(deps, own);
	if (gone.size === 0) return [];
	const people = await accountsOf(deps, own, (record) => isNew(own.snapshot, record));
	// New ids overlap with old ones: then those who have both are looked at too.
	if (people.some(({ holder }) => changed.has(holder)))
		people.push(...(await accountsOf(deps, own, (record) => !isNew(own.snapshot, record))));
	return rekeyedPeople({ gone, known: changed }, people);
}

interface Fates {
	gone: ReadonlyMap<string, string>;
	changed: ReadonlyMap<string, string>;
}

/** SIS ids by directory id: of those whom the file does not have, be it since today, and of those whose records change. */
async function fatesOf(deps: SyncDeps, scope: PeopleScope): Promise<Fates> {
	const planned = new KeyTable({ seed: deps.hashSeed() });
	const ops: number[] = [];
	for await (const plan of plansOf(deps, scope, scope.kind))
		forEachPlanLine(plan, (op, line) => {
			ops[planned.intern(line, 0, fieldEndAfter(line, 0, line.length))] = op;
		});
	const [gone, changed] = [new Map<string, string>(), new Map<string, string>()];
	scope.snapshot.forEach((key, place) => {
		const id = scope.snapshot.idAt(place);
		if (id === undefined) return;
		const op = ops[planned.find(key, 0, key.length)];
		const isInactive = op === undefined && sameBytes(scope.snapshot.hashAt(place), inactiveHash);
		if (op === planOps.remove || isInactive) gone.set(id, textOf(key));
		else if (op === planOps.change) changed.set(id, textOf(key));
	});
	return { gone, changed };
}

interface Asked {
	sisId: string;
	value: string;
	name: string;
	isNew: boolean;
}

/** Names that nobody knows say nothing. */
function isSamePerson(name: string, known: string): boolean {
	const plain = (text: string) => text.normalize('NFC').trim().toLowerCase();
	return plain(name) === '' || plain(known) === '' || plain(name) === plain(known);
}

/** Those of the planned records whose account the directory has. */
async function accountsOf(
	{ directory, ...deps }: SyncDeps,
	scope: PeopleScope,
	isWanted: (record: PlannedRecord) => boolean,
): Promise<NamedPerson[]> {
	const { rule, snapshot, ref, kind } = scope;
	const property = rule.mode === 'create' ? 'userPrincipalName' : rule.property;
	const people: NamedPerson[] = [];
	let waiting: Asked[] = [];
	const ask = async () => {
		const values = waiting.map(({ value }) => value);
		const holders = await directory.usersNamed(ref.tenantId, { property, values });
		const held = waiting.flatMap((asked, at) => (holders[at] === undefined ? [] : [{ asked, holder: holders[at] }]));
		const known = await directory.describe(ref.tenantId, { kind, ids: held.map(({ holder }) => holder) });
		// A new person may get the username of somebody who has left.
		for (const [at, { asked, holder }] of held.entries())
			if (isSamePerson(asked.name, known[at]?.name ?? ''))
				people.push({ sisId: asked.sisId, holder, isNew: asked.isNew });
		waiting = [];
	};
	for await (const { records } of plannedOf({ directory, ...deps }, scope, kind)) {
		for (const planned of records) {
			if (!isWanted(planned)) continue;
			const value = joiningValueOf(accountOf(rule, planned.record));
			const name = ['First Name', 'Last Name'].flatMap((column) => planned.record.get(column) ?? []).join(' ');
			waiting.push({ sisId: textOf(planned.key), value, name, isNew: isNew(snapshot, planned) });
		}
		if (waiting.length >= namesAtOnce) await ask();
	}
	if (waiting.length > 0) await ask();
	return people;
}
