import type { Run, SyncError, Tally, VerificationMessage } from '../client/api-shapes.ts';
import { rosterKinds } from '../roster-kinds.ts';
import type { Started } from '../steps/start-step.ts';
import type { SyncOutcome, SyncResult } from '../steps/sync-result.ts';
import { groupErrors } from './error-groups.ts';
import type { Screen, Style } from './screen.ts';
import { renderTable, wrapText } from './table.ts';
import { countOf, formatCount, formatDuration, printable } from './wording.ts';

type Look = Pick<Screen, 'style' | 'widthColumns'>;

/** So many causes are shown, and of each so many records. */
const causesShown = 10;
const recordsShown = 3;
const severities: Readonly<Record<string, { rank: number; style: Style }>> = {
	error: { rank: 0, style: 'red' },
	warning: { rank: 1, style: 'yellow' },
	information: { rank: 2, style: 'dim' },
};

/** How many records were checked, and how much was found: "758 records, 2 warnings". */
export function checkedText({ messages, run }: Started): string {
	const records = Object.values(run?.rows ?? {}).reduce((sum, count) => sum + count, 0);
	const counts = ['error', 'warning'].flatMap((type) => {
		const count = messages.filter((message) => message.type.toLowerCase() === type).length;
		return count > 0 ? [countOf(count, type)] : [];
	});
	const findings = counts.length > 0 ? counts : ['nothing to report'];
	return [...(records > 0 ? [countOf(records, 'record')] : []), ...findings].join(', ');
}

/** The verification messages as a table, the worst first. */
export function messageLines(messages: readonly VerificationMessage[], look: Look): string[] {
	return messages.length === 0 ? [] : ['', ...messageTable(messages, look), ''];
}

function messageTable(messages: readonly VerificationMessage[], look: Look): string[] {
	const rank = (message: VerificationMessage) => severities[message.type.toLowerCase()]?.rank ?? 0;
	const sorted = [...messages].sort((a, b) => rank(a) - rank(b));
	const columns = [
		{
			title: 'Severity',
			style: (cell: string) => look.style(severities[cell.trim().toLowerCase()]?.style ?? 'bold', cell),
		},
		{ title: 'File' },
		{ title: 'Message', wrap: true },
	];
	return table(
		columns,
		sorted.map(({ type, fileName, description }) => [type, fileName ?? '', description]),
		look,
	);
}

const headlines: Readonly<Record<SyncOutcome, { style: Style; text: (result: SyncResult) => string }>> = {
	success: { style: 'green', text: ({ durationMs }) => `Synced in ${formatDuration(durationMs)}.` },
	error: {
		style: 'yellow',
		text: ({ durationMs }) => `Synced in ${formatDuration(durationMs)}, but not everything.`,
	},
	refused: { style: 'red', text: () => 'Not synced: the files have errors. Nothing was written.' },
	held: { style: 'red', text: ({ held }) => printable(held || 'Held: removals wait for approval.') },
	failed: {
		style: 'red',
		text: ({ run }) => `The sync failed: ${printable(run?.failure ?? 'the service gives no reason')}`,
	},
};

/** What remains on the screen: how it went, the counts, the first errors, and what the directory holds. */
export function closingLines(result: SyncResult, look: Look): string[] {
	const { style, text } = headlines[result.outcome];
	const headline = paragraph(text(result), look).map((line) => look.style(style, line));
	const sections = [
		headline,
		result.outcome === 'refused' ? [] : countsTable(result.run, look),
		result.outcome === 'refused' ? [] : writeLines(result),
		errorTable(result.errors, look),
		adviceLines(result, look),
	];
	return sections.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines]);
}

const tallyColumns: readonly (keyof Tally)[] = ['added', 'changed', 'removed', 'unchanged', 'failed'];

/** People are in schools by their own rows: those memberships are counted, and no file has them. */
const countedRows: readonly { title: string; kinds: readonly string[] }[] = [
	...rosterKinds.map(({ kind, title }) => ({ title, kinds: [kind] })),
	{ title: 'School memberships', kinds: ['schoolStudent', 'schoolTeacher'] },
];

function countsTable(run: Run | undefined, look: Look): string[] {
	const rows = countedRows.flatMap(({ kinds, title }) => {
		const tallies = kinds.flatMap((kind) => run?.tallies[kind] ?? []);
		const sum = (name: keyof Tally) => tallies.reduce((total, tally) => total + tally[name], 0);
		return tallies.length > 0 ? [[title, ...tallyColumns.map((name) => formatCount(sum(name)))]] : [];
	});
	if (rows.length === 0) return [];
	const titles = tallyColumns.map((name) => ({
		title: name.charAt(0).toUpperCase() + name.slice(1),
		align: 'right' as const,
		// What is zero recedes, so that the eye finds what happened.
		style: (cell: string) =>
			cell.trim() === '0' ? look.style('dim', cell) : name === 'failed' ? look.style('red', cell) : cell,
	}));
	return table([{ title: '' }, ...titles], rows, look);
}

function writeLines({ run, outcome, directory }: SyncResult): string[] {
	const writes = run?.directoryWrites ?? 0;
	const nothing =
		outcome === 'success'
			? 'The directory was already up to date: nothing was written.'
			: 'Nothing was written to the directory.';
	const held = [
		directory.schools === undefined ? [] : [countOf(directory.schools, 'school')],
		directory.classes === undefined
			? []
			: [`${formatCount(directory.classes)} ${directory.classes === 1 ? 'class' : 'classes'}`],
		directory.users === undefined ? [] : [countOf(directory.users, 'account')],
	].flat();
	return [
		writes === 0 ? `  ${nothing}` : `  ${countOf(writes, 'change')} written to the directory.`,
		...(held.length > 0 ? [`  It now holds ${listOf(held)}.`] : []),
	];
}

function listOf(parts: readonly string[]): string {
	return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function errorTable({ items, count }: { items: readonly SyncError[]; count: number }, look: Look): string[] {
	if (count === 0) return [];
	const shown = groupErrors(items).slice(0, causesShown);
	const rows = shown.map(({ entryType, records, message }) => {
		const first = records.slice(0, recordsShown).join(', ') + (records.length > recordsShown ? ', …' : '');
		return [entryType, formatCount(records.length), first, message];
	});
	const more = count - shown.reduce((sum, { records }) => sum + records.length, 0);
	return [
		`  ${look.style('bold', `${countOf(count, 'record')} to look at`)}`,
		'',
		...table(
			[
				{ title: 'Kind' },
				{ title: 'Count', align: 'right' },
				{ title: 'First of them' },
				{ title: 'Message', wrap: true },
			],
			rows,
			look,
		),
		...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
	];
}

const advice: Readonly<Partial<Record<SyncOutcome, string>>> = {
	refused:
		'Correct the files and run the same command again. "npm run verify -- <folder> --report findings.csv" lists every finding.',
	error: 'Once this is corrected, run the same command again: it repeats only what is missing.',
};

function adviceLines({ outcome, run }: SyncResult, look: Look): string[] {
	if (outcome === 'held')
		return paragraph(
			`From here: run the same command with --holds ${run?.id} to look at it and --approve ${run?.id} to carry it out, or with corrected files.`,
			look,
		);
	return paragraph(advice[outcome] ?? '', look);
}

function paragraph(text: string, { widthColumns }: Look): string[] {
	if (text === '') return [];
	return wrapText(text, widthColumns - 2).map((line) => `  ${line}`);
}

function table(columns: Parameters<typeof renderTable>[0], rows: string[][], look: Look): string[] {
	return renderTable(columns, rows, {
		widthColumns: look.widthColumns,
		styleTitle: (title) => look.style('dim', title),
	});
}
