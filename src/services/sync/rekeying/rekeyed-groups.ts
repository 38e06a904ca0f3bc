import type { ObjectDescription } from '../../../domain/directory.ts';
import { KeyTable } from '../../../domain/roster/csv/key-table.ts';
import type { Snapshot } from '../../../domain/sync/history/snapshot.ts';
import {
	type ClassMembers,
	likelyClasses,
	type RekeyedPair,
	rekeyedClasses,
	rekeyedSchools,
} from '../../../domain/sync/holds/rekeys.ts';
import { keyTable, type Rekeys } from '../../../domain/sync/left-out.ts';
import { forEachPlanLine, planOps } from '../../../domain/sync/plan.ts';
import type { EntityKind } from '../../../domain/sync/records/attribute-map.ts';
import { schoolSisIdOf } from '../../../domain/sync/records/directory-records.ts';
import { fieldEndAfter } from '../../../domain/sync/shards/shard-rows.ts';
import { directoryIds } from '../files/directory-ids.ts';
import type { PlannedRecord } from '../steps/apply/planned-records.ts';
import type { SyncDeps } from '../sync-deps.ts';
import { type FindScope, historyOf, isNew, plannedOf, plansOf, textOf } from './planned-lines.ts';

export async function findSchools(deps: SyncDeps, scope: FindScope): Promise<RekeyedPair[]> {
	const snapshot = await historyOf(deps, scope, 'school');
	const { removed, come } = await sidesOf(deps, scope, { kind: 'school', snapshot });
	const gone = await described(deps, scope, { kind: 'school', objects: removed });
	return rekeyedSchools(
		gone,
		come.map(({ record, key }) => ({ sisId: textOf(key), name: record.get('Name') ?? '' })),
	);
}

/** By their schools and people, under the new ids where those have new ones. */
export async function findClasses(deps: SyncDeps, scope: FindScope, rekeys: Rekeys): Promise<RekeyedPair[]> {
	const snapshot = await historyOf(deps, scope, 'section');
	const { removed, come: records } = await sidesOf(deps, scope, { kind: 'section', snapshot });
	if (removed.length === 0 || records.length === 0) return [];
	const gone = await described(deps, scope, { kind: 'section', objects: removed });
	const knownSchool = await directoryIds(deps, scope, 'school');
	const newSchools = new Map((rekeys.school ?? []).map(({ to, id }) => [to, id]));
	const come = records.flatMap(({ record, key }) => {
		const school = schoolSisIdOf(record);
		const schoolId = newSchools.get(school) ?? knownSchool(school);
		return schoolId ? [{ sisId: textOf(key), name: record.get('Section Name') ?? '', schoolId }] : [];
	});
	const sides = likelyClasses({
		gone: gone.flatMap(({ schoolId, ...each }) => (schoolId ? [{ ...each, schoolId }] : [])),
		come,
	});
	const members = new MembersOfSides(sides, deps.hashSeed());
	await members.read(deps, scope, rekeys);
	return rekeyedClasses(sides, (sisId, side) => members.of(sisId, side));
}

interface GroupRef {
	kind: 'school' | 'section';
	snapshot: Snapshot;
}

/** What the files do not have any more, and what they have since today. */
async function sidesOf(deps: SyncDeps, scope: FindScope, { kind, snapshot }: GroupRef) {
	const removed: { sisId: string; id: string }[] = [];
	const come: PlannedRecord[] = [];
	for await (const { records, removedKeys } of plannedOf(deps, scope, kind)) {
		for (const planned of records) if (isNew(snapshot, planned)) come.push(planned);
		for (const key of removedKeys) {
			const id = snapshot.idAt(snapshot.find(key));
			if (id !== undefined) removed.push({ sisId: textOf(key), id });
		}
	}
	return { removed, come };
}

/** Per call of the directory. */
const objectsAtOnce = 2000;

type Described = { sisId: string; id: string } & ObjectDescription;

async function described(
	{ directory }: SyncDeps,
	{ ref }: FindScope,
	{ kind, objects }: { kind: 'school' | 'section'; objects: readonly { sisId: string; id: string }[] },
): Promise<Described[]> {
	const found: Described[] = [];
	for (let start = 0; start < objects.length; start += objectsAtOnce) {
		const some = objects.slice(start, start + objectsAtOnce);
		const descriptions = await directory.describe(ref.tenantId, { kind, ids: some.map(({ id }) => id) });
		found.push(...some.flatMap((object, at) => (descriptions[at] ? [{ ...object, ...descriptions[at] }] : [])));
	}
	return found;
}

const membershipsOf = [
	{ kind: 'studentEnrollment', role: 'student', list: 'students' },
	{ kind: 'teacherRoster', role: 'teacher', list: 'teachers' },
] as const;

/** Who leaves the classes that are gone, and who comes to those that are new. */
class MembersOfSides {
	readonly #seed: number;
	readonly #sides: Readonly<Record<'gone' | 'come', { keys: KeyTable; members: MutableMembers[] }>>;

	constructor({ gone, come }: Parameters<typeof rekeyedClasses>[0], seed: number) {
		this.#seed = seed;
		const side = (classes: readonly { sisId: string }[]) => ({
			keys: keyTable(
				classes.map(({ sisId }) => sisId),
				seed,
			),
			members: classes.map((): MutableMembers => ({ students: [], teachers: [] })),
		});
		this.#sides = { gone: side(gone), come: side(come) };
	}

	of(sisId: string, side: 'gone' | 'come'): ClassMembers {
		const key = new TextEncoder().encode(sisId);
		const { keys, members } = this.#sides[side];
		return members[keys.find(key, 0, key.length)] as ClassMembers;
	}

	async read(deps: SyncDeps, scope: FindScope, rekeys: Rekeys): Promise<void> {
		if (this.#sides.gone.members.length === 0) return;
		for (const { kind, role, list } of membershipsOf) {
			const numberOf = peopleNumbers(rekeys[role as EntityKind] ?? [], this.#seed);
			for await (const plan of plansOf(deps, scope, kind))
				forEachPlanLine(plan, (op, line) => {
					if (op !== planOps.add && op !== planOps.remove) return;
					const side = op === planOps.add ? 'come' : 'gone';
					const { keys, members } = this.#sides[side];
					const end = fieldEndAfter(line, 0, line.length);
					members[keys.find(line, 0, end)]?.[list].push(numberOf(line, end + 1, side));
				});
		}
	}
}

type MutableMembers = { [List in keyof ClassMembers]: number[] };

/** Whoever has a new id is the same person on both sides. */
function peopleNumbers(pairs: readonly RekeyedPair[], seed: number) {
	const old = keyTable(
		pairs.map(({ from }) => from),
		seed,
	);
	const people = new KeyTable({ seed });
	const heirs = pairs.map(({ to }) => {
		const key = new TextEncoder().encode(to);
		return people.intern(key, 0, key.length);
	});
	return (line: Uint8Array, start: number, side: 'gone' | 'come'): number => {
		const place = side === 'gone' ? old.find(line, start, line.length) : -1;
		return heirs[place] ?? people.intern(line, start, line.length);
	};
}
