import { apiErrors, SyncApiError } from '../../domain/errors.ts';
import { shorten } from '../../domain/roster/findings/messages.ts';
import { membershipRules } from '../../domain/sync/sync-kinds.ts';
import { conclusionsOf } from '../../domain/trace/conclusions.ts';
import type { Trace, TracedMembership, TracedRecord } from '../../domain/trace/traced-facts.ts';
import { oneOf } from '../../domain/trace/value-tests.ts';
import type { ProfileRef } from '../../ports.ts';
import { openScope, type TraceDeps, type TraceScope } from './trace-scope.ts';
import { membersOf, memberTest } from './traced-directory.ts';
import { pickRows } from './traced-files.ts';
import { findMemberships, type MembershipCandidate } from './traced-memberships.ts';
import { type Candidate, findCandidates } from './traced-people.ts';
import { groupCandidates, tracedMemberships, tracedRecords, whatWasSaid } from './traced-records.ts';

export interface TraceQuery {
	/** SIS id or username. */
	user?: string;
	/** SIS id of a section. */
	section?: string;
}

export interface TraceService {
	/**
	 * Follows a person, a class or both from the files into the directory. Each file is read once, as a stream. Throws `SyncApiError`: 400
	 * for nobody, 404 for an unknown profile, and for a name that nothing knows.
	 */
	trace(ref: ProfileRef, query: TraceQuery): Promise<Trace & { conclusions: readonly string[] }>;
}

export function traceService(deps: TraceDeps): TraceService {
	return {
		async trace(ref, query) {
			if (query.user === undefined && query.section === undefined)
				throw apiErrors.badRequest(
					'Cannot trace nobody: name a person by "user" (SIS id or username), a class by "class" (SIS id), or both.',
				);
			const scope = await openScope(deps, ref);
			const trace = await follow(scope, query);
			deps.events.happened({ name: 'trace.read', ...ref });
			return { ...trace, conclusions: conclusionsOf(trace) };
		},
	};
}

async function follow(scope: TraceScope, query: TraceQuery): Promise<Trace> {
	const { user, section } = query;
	const candidates = user === undefined ? [] : await findCandidates(scope, user);
	const known = await findMemberships(scope, candidates, section);
	const wanted = section === undefined ? known : withEveryPair(known, candidates, section);
	const sections = await groupCandidates(scope, 'section', groupsOf(wanted, 'section', section));
	const schools = await groupCandidates(scope, 'school', groupsOf(wanted, 'school'));
	const records = [...candidates, ...sections, ...schools];
	const said = await whatWasSaid(scope, { records, memberships: wanted });
	const traced = await tracedRecords(scope, records, said);
	const isMember = await memberTest(scope, { people: traced, sections: traced.filter(isSection) });
	const memberships = tracedMemberships(scope, wanted, { ...said, isMember });
	const people = traced.filter(isPerson).filter((person) => isKnown(person, memberships));
	const foundSections = traced.filter(isSection);
	requireKnown(query, { people, section: foundSections.find(({ sisId }) => sisId === section), memberships });
	return {
		asked: user === undefined ? 'class' : section === undefined ? 'user' : 'both',
		context: scope.context,
		people: people.map((person) => withClasses(person, { memberships, sections: foundSections })),
		sections:
			user === undefined ? await Promise.all(foundSections.map((each) => withMembers(scope, each))) : foundSections,
		schools: traced.filter(({ kind }) => kind === 'school'),
		memberships: memberships.filter((membership) => people.some((person) => isOf(membership, person))),
	};
}

const isSection = ({ kind }: TracedRecord) => kind === 'section';
const isPerson = ({ kind }: TracedRecord) => kind === 'student' || kind === 'teacher';

const isOf = (
	{ kind, person }: Pick<TracedMembership, 'kind' | 'person'>,
	record: Pick<TracedRecord, 'kind' | 'sisId'>,
) => membershipRules[kind].role === record.kind && person === record.sisId;

/** Whoever asks for a person and a class wants to know of just these two, be there anything that joins them or not. */
function withEveryPair(
	known: readonly MembershipCandidate[],
	people: readonly Candidate[],
	group: string,
): MembershipCandidate[] {
	const pairs = people.map(({ kind, sisId: person }): MembershipCandidate => {
		const membership = kind === 'student' ? 'studentEnrollment' : 'teacherRoster';
		const found = known.find((each) => each.kind === membership && each.person === person);
		return found ?? { kind: membership, group, person, rows: [], history: 'notSynced', isHeld: false };
	});
	// Nobody asks of a student whether she teaches.
	const joined = pairs.filter((pair) => known.includes(pair));
	return joined.length > 0 ? joined : pairs;
}

function groupsOf(
	memberships: readonly MembershipCandidate[],
	kind: 'section' | 'school',
	asked?: string,
): ReadonlySet<string> {
	const own = memberships.filter((membership) => membershipRules[membership.kind].group === kind);
	return new Set([...(asked === undefined ? [] : [asked]), ...own.map(({ group }) => group)]);
}

const isSaid = ({ rows, findings, errors }: Pick<TracedRecord, 'rows' | 'findings' | 'errors'>) =>
	rows.length > 0 || findings.length > 0 || errors.length > 0;

/** By anything at all. */
function isKnown(record: TracedRecord, memberships: readonly TracedMembership[] = []): boolean {
	if (isSaid(record) || record.directory || record.history.state !== 'notSynced') return true;
	return memberships.some(
		(membership) =>
			isOf(membership, record) && (isSaid(membership) || membership.hold || membership.history !== 'notSynced'),
	);
}

interface Found {
	people: readonly TracedRecord[];
	section: TracedRecord | undefined;
	memberships: readonly TracedMembership[];
}

function requireKnown({ user, section }: TraceQuery, found: Found): void {
	if (user !== undefined && found.people.length === 0)
		throw unknown('student or teacher', user, 'Give the SIS id or the username, as the files have it.');
	const isMeant = found.memberships.some((membership) => membership.group === section && isSaid(membership));
	if (section === undefined || isMeant || (found.section && isKnown(found.section))) return;
	throw unknown('section', section, 'Give the SIS id, as the files have it.');
}

const unknown = (what: string, name: string, cure: string) =>
	new SyncApiError(
		'ResourceNotFound',
		`No ${what} "${shorten(name)}" is known: not to the accepted files, the report, the history or the directory. ${cure}`,
	);

/** Those of the classes at hand in which the directory has the person. */
function withClasses(
	person: TracedRecord,
	{ memberships, sections }: { memberships: readonly TracedMembership[]; sections: readonly TracedRecord[] },
): TracedRecord {
	if (!person.directory) return person;
	const classes = memberships.flatMap((membership) => {
		const { group, role } = membershipRules[membership.kind];
		const found = sections.find(({ sisId }) => sisId === membership.group)?.directory;
		if (group !== 'section' || !found || !membership.isInDirectory || !isOf(membership, person)) return [];
		return [{ ...found, role }];
	});
	return { ...person, directory: { ...person.directory, classes } };
}

/** How many a section has, in the files and in the directory. */
async function withMembers(scope: TraceScope, section: TracedRecord): Promise<TracedRecord> {
	const isIt = oneOf([section.sisId], scope.deps.hashSeed());
	const count = async (kind: 'studentEnrollment' | 'teacherRoster') =>
		(await pickRows(scope, { kind, isWanted: (has) => has('Section SIS ID', isIt) })).count;
	const rows = { students: await count('studentEnrollment'), teachers: await count('teacherRoster') };
	const ids = section.directory ? [section.directory.id] : [];
	const [students = []] = await membersOf(scope, ids, 'student');
	const [teachers = []] = await membersOf(scope, ids, 'teacher');
	const directory = { students: students.length, teachers: teachers.length };
	return { ...section, members: { rows, directory } };
}
