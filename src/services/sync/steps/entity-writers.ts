import type { DirectoryUser, WriteOutcome } from '../../../domain/directory.ts';
import type { EntityKind } from '../../../domain/sync/attribute-map.ts';
import {
	directoryClass,
	directorySchool,
	directoryUser,
	schoolSisIdOf,
	sisIdOf,
} from '../../../domain/sync/directory-records.ts';
import { type AccountRole, accountRuleOf, joiningValueOf, reportableValueOf } from '../../../domain/sync/identity.ts';
import { directoryIds, type LookUp } from '../files/directory-ids.ts';
import { entryTypeOf, type FailureLog } from '../record-errors.ts';
import type { SyncDeps } from '../sync-deps.ts';
import type { EntityWriter, PlannedRecord } from './apply-entities.ts';
import type { SliceScope } from './apply-slice.ts';

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
	const rule = accountRuleOf(profile.identity, role);
	return async (records, deadline) => {
		// Verification lets no row of such a role through.
		if (!rule) throw new Error(`Cannot write users: the profile has no usable identity rule for role "${role}".`);
		const users = records.map(({ record, password }) =>
			directoryUser(profile, { role, rule, record, ...(password ? { password } : {}) }),
		);
		const outcomes = await deps.directory.putUsers(profile.tenantId, users, deadline);
		return logFailures(failures, outcomes, (at) => ({
			entryType: entryTypeOf(role),
			joiningValue: joiningValueOf((users[at] as DirectoryUser).account),
			reportableIdentifier: reportableValueOf(rule, (records[at] as PlannedRecord).record),
		}));
	};
}

function missingSchool(entryType: string, record: PlannedRecord['record']): WriteOutcome {
	return {
		ok: false,
		code: 'InvalidLookupReference',
		message: `${entryType} cannot be created: its school "${schoolSisIdOf(record)}" was not synced. Correct the school's error first.`,
	};
}

/** Records every refusal and answers the outcomes as they are. */
function logFailures(
	failures: FailureLog,
	outcomes: readonly WriteOutcome[],
	describe: (at: number) => { entryType: string; joiningValue: string; reportableIdentifier: string },
): readonly WriteOutcome[] {
	for (const [at, outcome] of outcomes.entries()) {
		if (!outcome.ok) failures.add({ ...describe(at), code: outcome.code, message: outcome.message });
	}
	return outcomes;
}
