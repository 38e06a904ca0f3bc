import type { Profile } from '../profile.ts';
import { shorten } from '../roster/findings/messages.ts';
import type { RosterKind } from '../roster/format/kinds.ts';
import { replaceSpecialCharacters } from '../roster/rules/special-characters.ts';
import type { EntityKind } from '../sync/records/attribute-map.ts';
import { accountOf, accountRuleOf, joiningValueOf, reportableValueOf } from '../sync/records/identity.ts';
import { type MembershipKind, membershipRules } from '../sync/sync-kinds.ts';
import type { SyncError } from '../sync-error.ts';
import type { ReportedFinding } from './finding-picker.ts';
import type { PickedRow } from './row-picker.ts';
import type { RowVerdict, TraceContext } from './traced-facts.ts';

/** Whom or what findings and errors mean: they name records in ways of their own. */

export interface RecordName {
	kind: EntityKind;
	sisId: string;
}

export interface MembershipName {
	kind: MembershipKind;
	group: string;
	person: string;
}

/** As findings name a row. */
export const recordKey = ({ sisId }: RecordName) => shorten(sisId);
export const membershipKey = ({ group, person }: MembershipName) => `${shorten(group)} / ${shorten(person)}`;

/** By key, or by the line of one of its rows, if the findings are of the same files. */
export function findingsAbout(
	findings: readonly ReportedFinding[],
	about: { file: RosterKind; key: string; rows: readonly PickedRow[] },
	{ report }: TraceContext,
): ReportedFinding[] {
	const lines = new Set(report?.isOfAcceptedFiles ? about.rows.map(({ line }) => line) : []);
	return findings.filter(({ kind, key, line }) => kind === about.file && (key === about.key || lines.has(line)));
}

export function verdictOf(
	line: number,
	findings: readonly ReportedFinding[],
	{ file, context }: { file: RosterKind; context: TraceContext },
): RowVerdict {
	const own = context.report?.isOfAcceptedFiles ? findings.filter((finding) => finding.line === line) : [];
	if (own.some(({ severity }) => severity === 'Error')) return 'error';
	if (own.length > 0) return 'warning';
	// Files are accepted without an error, unless somebody wanted faulty rows skipped.
	return context.report?.isWhole || !context.skippedRows[file] ? 'sound' : 'unknown';
}

const entryTypes: Readonly<Record<EntityKind, string>> = {
	school: 'School',
	section: 'Section',
	student: 'Student',
	teacher: 'Teacher',
};

/** Errors name people by their accounts. */
export function accountNames(profile: Profile, role: 'student' | 'teacher', rows: readonly PickedRow[]): Set<string> {
	const rule = accountRuleOf(profile.identity, role);
	const names = new Set<string>();
	for (const { values } of rule ? rows : []) {
		for (const record of [values, withReplacements(values, profile)]) {
			if (!rule) continue;
			names.add(reportableValueOf(rule, record));
			names.add(joiningValueOf(accountOf(rule, record)));
		}
	}
	names.delete('');
	return names;
}

function withReplacements(values: ReadonlyMap<string, string>, profile: Profile): ReadonlyMap<string, string> {
	const username = values.get('Username');
	if (!username || !profile.handleSpecialCharacterConstraint) return values;
	const bytes = new TextEncoder().encode(username);
	const domain = bytes.indexOf(0x40);
	replaceSpecialCharacters(bytes, 0, domain < 0 ? bytes.length : domain);
	return new Map([...values, ['Username', new TextDecoder().decode(bytes)]]);
}

export function isErrorOfRecord(error: SyncError, { kind, sisId }: RecordName, accounts: ReadonlySet<string>): boolean {
	if (error.entryType !== entryTypes[kind]) return false;
	const { joiningValue, reportableIdentifier } = error;
	if (kind === 'school' || kind === 'section') return reportableIdentifier === sisId;
	return accounts.has(reportableIdentifier) || accounts.has(joiningValue);
}

/** Either of the two may be called joining value. */
export function isErrorOfMembership(error: SyncError, { kind, group, person }: MembershipName): boolean {
	const { entryType, joiningValue, reportableIdentifier } = error;
	if (entryType !== membershipRules[kind].entryType) return false;
	return (
		(joiningValue === group && reportableIdentifier === person) ||
		(joiningValue === person && reportableIdentifier === group)
	);
}
