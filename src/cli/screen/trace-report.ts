import type { Trace, TracedMembership, TracedRecord } from '../client/api-shapes.ts';
import type { Screen } from './screen.ts';
import { renderTable, wrapText } from './table.ts';
import { printable } from './wording.ts';

type Look = Pick<Screen, 'style' | 'widthColumns'>;

/** The answer in sentences, then what it was made of. */
export function traceLines({ conclusions, people, classes, schools, memberships }: Trace, look: Look): string[] {
	const [first = '', ...others] = conclusions.map(printable);
	const records = [...people, ...classes, ...schools];
	const sections = [
		paragraph(first, look).map((line) => look.style('bold', line)),
		...others.map((text) => paragraph(text, look)),
		factsTable([...records.map(recordCells), ...memberships.map(membershipCells)], look),
		records.flatMap((record) => rowLines(record, look)),
	];
	return sections.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines]);
}

function paragraph(text: string, { widthColumns }: Look): string[] {
	return text === '' ? [] : wrapText(text, widthColumns - 2).map((line) => `  ${line}`);
}

const columns = ['What', 'Files', 'History', 'Directory', 'Said'] as const;

function factsTable(rows: readonly (readonly string[])[], look: Look): string[] {
	if (rows.length === 0) return [];
	const titles = columns.map((title, at) => ({ title, ...(at === columns.length - 1 ? { wrap: true } : {}) }));
	return renderTable(titles, rows, {
		widthColumns: look.widthColumns,
		styleTitle: (title) => look.style('dim', title),
	});
}

type Said = Pick<TracedRecord, 'rows' | 'findings' | 'errors'>;

const placesOf = ({ rows }: Said) =>
	rows
		.map(({ fileName, line, verdict }) => `${fileName}:${line}${verdict === 'sound' ? '' : ` ${verdict}`}`)
		.join(', ') || 'no row';

const saidOf = ({ findings, errors }: Said) =>
	[
		...findings.map(({ fileName, line, column = 'row', reason }) => `${fileName}:${line} ${column} ${reason}`),
		...errors.map(({ errorMessage }) => errorMessage),
	].join('; ');

function recordCells(record: TracedRecord): string[] {
	const { kind, sisId, history, directory } = record;
	const found = directory ? (directory.userPrincipalName ?? directory.displayName ?? directory.id) : 'not there';
	return [`${kind} ${sisId}`, placesOf(record), history.state, found, saidOf(record)];
}

function membershipCells(membership: TracedMembership): string[] {
	const { person, group, history, isInDirectory, heldByRunId } = membership;
	const held = heldByRunId ? `removal held by run ${heldByRunId}` : '';
	return [
		`${person} in ${group}`,
		placesOf(membership),
		history,
		isInDirectory ? 'there' : 'not there',
		[held, saidOf(membership)].filter(Boolean).join('; '),
	];
}

/** The rows as the files have them. */
function rowLines({ rows }: TracedRecord, look: Look): string[] {
	return rows.flatMap(({ fileName, line, values }) => {
		const text = values.map(({ column, value }) => `${column}: ${value || '(empty)'}`).join(', ');
		return paragraph(printable(`${fileName}, line ${line}: ${text}`), look);
	});
}
