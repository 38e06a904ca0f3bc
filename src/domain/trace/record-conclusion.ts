import { rosterFileName } from '../roster/format/kinds.ts';
import { delayOf, errorsIn, findingText, placeOf, quoted, titleOf, withoutStop } from './trace-wording.ts';
import type { TraceContext, TracedRecord } from './traced-facts.ts';

interface Case {
	applies(record: TracedRecord, context: TraceContext): boolean;
	/** What follows the name of the record, without a full stop. */
	text(record: TracedRecord, context: TraceContext): string;
}

const hasRow = ({ rows }: TracedRecord) => rows.length > 0;
const isRefused = (record: TracedRecord) => hasRow(record) && record.rows.every(({ verdict }) => verdict === 'error');
const isWritten = ({ history: { state } }: TracedRecord) => state === 'synced' || state === 'incomplete';

const at = ({ kind, rows }: TracedRecord) => placeOf(kind, rows[0]?.line ?? 0);

/** Of the files that count, or of those that were uploaded last. */
const refusalOf = ({ findings }: TracedRecord) => errorsIn(findings)[0];

/** Of several that hold, the first says it best. */
const cases: readonly Case[] = [
	{
		applies: (record) => isRefused(record) && refusalOf(record) !== undefined,
		text: (record) => `was refused: ${at(record)}: ${findingOf(record)}`,
	},
	{
		applies: (record, { report }) =>
			!hasRow(record) && report?.isOfAcceptedFiles === false && refusalOf(record) !== undefined,
		text: (record) =>
			`is in no file that was accepted. In the files uploaded last it was refused: ${placeOf(record.kind, refusalOf(record)?.line ?? 0)}: ${findingOf(record)}`,
	},
	{
		applies: ({ newId }) => newId !== undefined,
		text: ({ kind, sisId, newId: { runId, from, to } = { runId: '', from: '', to: '' } }) =>
			`waits: ${rosterFileName(kind)} seems to have ${quoted(from)} under the new id ${quoted(to)}, and ${sisId === to ? 'nothing of the new id is written' : 'the old id keeps all it has'} until somebody decides about what run "${runId}" holds`,
	},
	{
		applies: (record) => !hasRow(record) && record.directory !== undefined && record.history.state !== 'notSynced',
		text: ({ kind, directory }) =>
			`is not in ${rosterFileName(kind)} any more. The directory keeps it (${directory?.id}): a sync deletes nobody`,
	},
	{
		applies: (record) => !hasRow(record) && record.directory !== undefined,
		text: ({ kind, directory }) =>
			`is in the directory (${directory?.id}), and ${rosterFileName(kind)} of this profile has no row of it`,
	},
	{
		applies: (record, { acceptedRunId }) => !hasRow(record) && acceptedRunId === undefined,
		text: () => 'is unknown so far: no files were accepted yet',
	},
	{ applies: (record) => !hasRow(record), text: ({ kind }) => `is not in ${rosterFileName(kind)}` },
	{
		applies: (record) => isWritten(record) && record.directory !== undefined && record.errors.length > 0,
		text: (record) => `is in the directory${nameIn(record)}, but not as ${at(record)} has it: ${errorIn(record)}`,
	},
	{
		applies: (record) => isWritten(record) && record.directory !== undefined,
		text: (record) => `is in the directory${nameIn(record)}: ${at(record)}${countsOf(record)}`,
	},
	{
		applies: (record) => isWritten(record),
		text: () =>
			'was synced, and the directory has it no more: somebody removed it there. Reset the profile, and it is written anew',
	},
	{
		applies: ({ errors }) => errors.length > 0,
		text: (record) => `was not synced: ${at(record)}: ${errorIn(record)}`,
	},
	{
		applies: ({ kind }, context) => delayOf(context, kind) !== undefined,
		text: (record, context) => `is not synced yet: ${at(record)} has it, and ${delayOf(context, record.kind)}`,
	},
	{
		applies: ({ history }) => history.state === 'unknown',
		text: (record) =>
			`is in ${at(record)}, and nobody knows whether it was written, since a sync was interrupted. The next one makes certain`,
	},
	{
		applies: () => true,
		text: (record) => `is in ${at(record)}, and was not synced yet. Start the profile`,
	},
];

const findingOf = (record: TracedRecord) => {
	const finding = refusalOf(record);
	return finding ? withoutStop(findingText(finding)) : '';
};

const errorIn = ({ errors }: TracedRecord) => withoutStop(errors[0]?.errorMessage ?? '');

const nameIn = ({ directory }: TracedRecord) =>
	directory?.userPrincipalName ? ` as ${quoted(directory.userPrincipalName)}` : '';

function countsOf({ members }: TracedRecord): string {
	if (!members) return '';
	const { rows, directory } = members;
	const text = ({ students, teachers }: typeof rows) =>
		`${counted(students, 'student')} and ${counted(teachers, 'teacher')}`;
	return `. The files have ${text(rows)} of it, the directory ${text(directory)}`;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** How it is with a person, a section or a school, in a sentence or two. */
export function recordConclusion(record: TracedRecord, context: TraceContext): string {
	return `${titleOf(record.kind, record.sisId)} ${clauseOf(record, context)}.`;
}

/** Without its subject and full stop, to follow on "itself". */
export function clauseOf(record: TracedRecord, context: TraceContext): string {
	return (cases.find(({ applies }) => applies(record, context)) as Case).text(record, context);
}

/** Whether memberships can be written. */
export const isThere = (record: TracedRecord | undefined) =>
	record !== undefined && record.history.directoryId !== undefined;
