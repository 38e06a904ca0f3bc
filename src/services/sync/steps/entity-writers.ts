import type { DirectoryUser } from '../../../domain/directory.ts';
import type { Profile } from '../../../domain/profile.ts';
import type { EntityKind } from '../../../domain/sync/attribute-map.ts';
import {
	directoryClass,
	directorySchool,
	directoryUser,
	schoolSisIdOf,
	sisIdOf,
} from '../../../domain/sync/directory-records.ts';
import {
	type AccountRole,
	type AccountRule,
	accountRuleOf,
	joiningValueOf,
	reportableValueOf,
} from '../../../domain/sync/identity.ts';
import { directoryIds, type LookUp } from '../files/directory-ids.ts';
import { entryTypeOf, type FailureLog } from '../record-errors.ts';
import type { SyncDeps } from '../sync-deps.ts';
import type { EntityWriter, PlannedRecord, RecordOutcome } from './apply-entities.ts';
import type { SliceScope } from './apply-slice.ts';

type WriterScope = SliceScope & { ref: { kind: EntityKind } };

/** How the records of one kind become writes of the directory. */
export async function entityWriter(deps: SyncDeps, scope: WriterScope): Promise<EntityWriter> {
	const { kind } = scope.ref;
	if (kind === 'school') return schoolWriter(deps, scope);
	const schoolIdOf = await directoryIds(deps, scope, 'school');
	return kind === 'section'
		? sectionWriter(deps, scope, schoolIdOf)
		: userWriter(deps, { ...scope, role: kind }, schoolIdOf);
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
		const outcomes: RecordOutcome[] = records.map(({ record }) => missingSchool('Section', record));
		const writable = [...records.entries()].flatMap(([at, { record }]) => {
			const schoolId = schoolIdOf(schoolSisIdOf(record));
			return schoolId ? [{ at, wanted: directoryClass(profile, record, schoolId) }] : [];
		});
		const written = await deps.directory.putClasses(
			profile.tenantId,
			writable.map(({ wanted }) => wanted),
			deadline,
		);
		for (const [index, { at }] of writable.entries()) outcomes[at] = written[index] as RecordOutcome;
		return logFailures(failures, outcomes, (at) => {
			const sisId = sisIdOf((records[at] as PlannedRecord).record);
			return { entryType: 'Section', joiningValue: `Section_${sisId}`, reportableIdentifier: sisId };
		});
	};
}

function userWriter(
	deps: SyncDeps,
	{ profile, role, failures }: WriterScope & { role: AccountRole },
	schoolIdOf: LookUp,
): EntityWriter {
	const rule = accountRuleOf(profile.identity, role);
	return async (records, deadline) => {
		// Verification lets no row of such a role through.
		if (!rule) throw new Error(`Cannot write users: the profile has no usable identity rule for role "${role}".`);
		const users = records.map((planned) => plannedUser(profile, { role, rule, planned }, schoolIdOf));
		const outcomes = await deps.directory.putUsers(
			profile.tenantId,
			users.map(({ user }) => user),
			deadline,
		);
		const entryType = entryTypeOf(role);
		const describe = (at: number) => ({
			entryType,
			joiningValue: joiningValueOf((users[at] as PlannedUser).user.account),
			reportableIdentifier: reportableValueOf(rule, (records[at] as PlannedRecord).record),
		});
		return logFailures(failures, outcomes, describe).map((outcome, at) =>
			markMissingSchools(failures, outcome, { ...(users[at] as PlannedUser), entryType }),
		);
	};
}

interface PlannedUser {
	user: DirectoryUser;
	missingSchools: readonly string[];
}

interface UserPlan {
	role: AccountRole;
	rule: AccountRule;
	planned: PlannedRecord;
}

function plannedUser(profile: Profile, { role, rule, planned }: UserPlan, schoolIdOf: LookUp): PlannedUser {
	const wanted = [schoolSisIdOf(planned.record), ...planned.furtherSchools];
	const found = wanted.map((sisId) => ({ sisId, id: schoolIdOf(sisId) }));
	const schoolIds = [...new Set(found.flatMap(({ id }) => (id ? [id] : [])))];
	const user = directoryUser(profile, {
		role,
		rule,
		record: planned.record,
		schoolIds,
		...(planned.password ? { password: planned.password } : {}),
	});
	return { user, missingSchools: found.filter(({ id }) => !id).map(({ sisId }) => sisId) };
}

/** The user is written all the same; the next run tries the school again. */
function markMissingSchools(
	failures: FailureLog,
	outcome: RecordOutcome,
	{ user, missingSchools, entryType }: PlannedUser & { entryType: string },
): RecordOutcome {
	if (!outcome.ok || missingSchools.length === 0) return outcome;
	for (const school of missingSchools) {
		failures.add({
			entryType: `School${entryType}s`,
			code: 'InvalidLookupReference',
			message: `${entryType} could not be added to school "${school}": the school itself was not synced. Correct the school's error first.`,
			joiningValue: user.externalId,
			reportableIdentifier: school,
		});
	}
	return { ...outcome, incomplete: true };
}

function missingSchool(entryType: string, record: PlannedRecord['record']): RecordOutcome {
	return {
		ok: false,
		code: 'InvalidLookupReference',
		message: `${entryType} cannot be created: its school "${schoolSisIdOf(record)}" was not synced. Correct the school's error first.`,
	};
}

/** Records every refusal and answers the outcomes as they are. */
function logFailures(
	failures: FailureLog,
	outcomes: readonly RecordOutcome[],
	describe: (at: number) => { entryType: string; joiningValue: string; reportableIdentifier: string },
): readonly RecordOutcome[] {
	for (const [at, outcome] of outcomes.entries()) {
		if (!outcome.ok) failures.add({ ...describe(at), code: outcome.code, message: outcome.message });
	}
	return outcomes;
}
