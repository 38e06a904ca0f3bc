import type { Deadline } from '../../../../directory-ports.ts';
import type { DirectoryUser, WriteOutcome } from '../../../../domain/directory.ts';
import type { Profile } from '../../../../domain/profile.ts';
import type { EntityKind } from '../../../../domain/sync/records/attribute-map.ts';
import {
	directoryClass,
	directorySchool,
	directoryUser,
	schoolSisIdOf,
	sisIdOf,
} from '../../../../domain/sync/records/directory-records.ts';
import {
	type AccountRole,
	type AccountRule,
	accountRuleOf,
	joiningValueOf,
	reportableValueOf,
} from '../../../../domain/sync/records/identity.ts';
import { directoryIds, type LookUp } from '../../files/directory-ids.ts';
import { entryTypeOf, type FailureLog, type RecordFailure } from '../../record-errors.ts';
import type { SyncDeps } from '../../sync-deps.ts';
import type { PlannedRecord } from './planned-records.ts';
import type { SliceScope } from './slice-scope.ts';

/** Writes some records until the deadline, notes what failed, and answers one outcome per record. */
type EntityWriter = (records: readonly PlannedRecord[], deadline: Deadline) => Promise<readonly WriteOutcome[]>;

type WriterScope = SliceScope & { ref: { kind: EntityKind } };

/** How the records of one kind become writes of the directory. */
export async function entityWriter(deps: SyncDeps, scope: WriterScope): Promise<EntityWriter> {
	const { kind } = scope.ref;
	if (kind === 'school') return schoolWriter(deps, scope);
	if (kind === 'section') return sectionWriter(deps, scope, await directoryIds(deps, scope, 'school'));
	return userWriter(deps, { ...scope, role: kind });
}

function schoolWriter(deps: SyncDeps, { profile, failures }: WriterScope): EntityWriter {
	return async (records, deadline) => {
		const schools = records.map(({ record }) => directorySchool(profile, record));
		const outcomes = await deps.directory.putSchools(profile.tenantId, schools, deadline);
		return logFailures(failures, outcomes, (at) => ({
			entryType: 'School',
			joiningValue: schools[at]?.externalId ?? '',
			reportableIdentifier: schools[at]?.externalId ?? '',
		}));
	};
}

function sectionWriter(deps: SyncDeps, { profile, failures }: WriterScope, schoolIdOf: LookUp): EntityWriter {
	return async (records, deadline) => {
		const outcomes: WriteOutcome[] = records.map(({ record }) => missingSchool('Section', record));
		const writable = [...records.entries()].flatMap(([at, { record }]) => {
			const schoolId = schoolIdOf(schoolSisIdOf(record));
			return schoolId ? [{ at, wanted: directoryClass(profile, record, schoolId) }] : [];
		});
		const written = await deps.directory.putClasses(
			profile.tenantId,
			writable.map(({ wanted }) => wanted),
			deadline,
		);
		for (const [index, { at }] of writable.entries()) outcomes[at] = written[index] as WriteOutcome;
		return logFailures(failures, outcomes, (at) => {
			const sisId = sisIdOf((records[at] as PlannedRecord).record);
			return { entryType: 'Section', joiningValue: `Section_${sisId}`, reportableIdentifier: sisId };
		});
	};
}

function userWriter(deps: SyncDeps, { profile, role, failures }: WriterScope & { role: AccountRole }): EntityWriter {
	return async (records, deadline) => {
		const users = records.map((planned) => userOf(profile, role, planned));
		const outcomes = await deps.directory.putUsers(profile.tenantId, users, deadline);
		// Whose name is taken may have it once everybody else of the run has been written.
		const told = outcomes.map((outcome) => (isPostponed(outcome) ? waits : outcome));
		logFailures(failures, told, (at) => describeUser(profile, role, records[at] as PlannedRecord));
		return outcomes;
	};
}

export const isPostponed = (outcome: WriteOutcome | undefined) => outcome?.ok === false && outcome.isNameTaken === true;

const waits: WriteOutcome = { ok: true, id: '', changed: false };

/** What a record asks the directory for. */
export function userOf(profile: Profile, role: AccountRole, { record, password }: PlannedRecord): DirectoryUser {
	return directoryUser(profile, {
		role,
		rule: ruleOf(profile, role),
		record,
		...(password ? { password } : {}),
	});
}

/** As errors name the record. */
export function describeUser(profile: Profile, role: AccountRole, planned: PlannedRecord): FailedRecord {
	return {
		entryType: entryTypeOf(role),
		joiningValue: joiningValueOf(userOf(profile, role, planned).account),
		reportableIdentifier: reportableValueOf(ruleOf(profile, role), planned.record),
	};
}

function ruleOf({ identity }: Profile, role: AccountRole): AccountRule {
	const rule = accountRuleOf(identity, role);
	// Verification lets no row of such a role through.
	if (!rule) throw new Error(`Cannot write users: the profile has no usable identity rule for role "${role}".`);
	return rule;
}

function missingSchool(entryType: string, record: PlannedRecord['record']): WriteOutcome {
	return {
		ok: false,
		code: 'InvalidLookupReference',
		message: `${entryType} cannot be created: its school "${schoolSisIdOf(record)}" was not synced. Correct the school's error first.`,
	};
}

type FailedRecord = Pick<RecordFailure, 'entryType' | 'joiningValue' | 'reportableIdentifier'>;

/** Records every refusal, be it of a part only, and answers the outcomes as they are. */
export function logFailures(
	failures: FailureLog,
	outcomes: readonly WriteOutcome[],
	describe: (at: number) => FailedRecord,
): readonly WriteOutcome[] {
	for (const [at, outcome] of outcomes.entries()) {
		const refusal = outcome.ok ? outcome.incomplete : outcome;
		if (refusal) failures.add({ ...describe(at), code: refusal.code, message: refusal.message });
	}
	return outcomes;
}
