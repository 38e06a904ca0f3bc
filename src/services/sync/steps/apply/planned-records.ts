import type { Profile } from '../../../../domain/profile.ts';
import { columnsOf } from '../../../../domain/roster/format/columns.ts';
import { recordHash } from '../../../../domain/sync/comparison.ts';
import { forEachPlanLine, planOps } from '../../../../domain/sync/plan.ts';
import type { EntityKind } from '../../../../domain/sync/records/attribute-map.ts';
import type { RosterRecord } from '../../../../domain/sync/records/directory-records.ts';
import { mappingFingerprint } from '../../../../domain/sync/records/mapping.ts';
import { absentField, decodeEntityLine, fieldEndAfter } from '../../../../domain/sync/shards/shard-rows.ts';

/** One record of a plan that is to be written. */
export interface PlannedRecord {
	/** As the plan has it. */
	op: number;
	line: Uint8Array;
	record: RosterRecord;
	password?: string;
	key: Uint8Array;
	hash: Uint8Array;
}

/** What a plan of schools, sections or people says. */
export function readPlanned(
	plan: Uint8Array,
	profile: Profile,
	kind: EntityKind,
): { records: PlannedRecord[]; removedKeys: Uint8Array[] } {
	const mapping = mappingFingerprint(profile, kind);
	const records: PlannedRecord[] = [];
	const removedKeys: Uint8Array[] = [];
	forEachPlanLine(plan, (op, line) => {
		if (op === planOps.remove) removedKeys.push(line);
		else records.push(plannedRecord(kind, mapping, { op, line }));
	});
	return { records, removedKeys };
}

function plannedRecord(
	kind: EntityKind,
	mapping: Uint8Array,
	{ op, line }: Pick<PlannedRecord, 'op' | 'line'>,
): PlannedRecord {
	const { fields, secret } = decodeEntityLine(line);
	return {
		op,
		line,
		record: recordOf(kind, fields),
		...(secret ? { password: secret } : {}),
		key: line.subarray(0, fieldEndAfter(line, 0, line.length)),
		hash: recordHash(mapping, line),
	};
}

function recordOf(kind: EntityKind, fields: readonly string[]): RosterRecord {
	const record = new Map<string, string>();
	for (const [at, { name }] of columnsOf(kind).entries()) {
		const value = fields[at];
		if (value !== undefined && value !== absentField) record.set(name, value);
	}
	return record;
}
