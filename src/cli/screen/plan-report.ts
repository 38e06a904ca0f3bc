import type { Hold, Plan, PlannedChange } from '../client/api-shapes.ts';
import { rosterKinds } from '../roster-kinds.ts';
import type { Screen } from './screen.ts';
import { renderTable, wrapText } from './table.ts';
import { countOf, formatCount, formatDuration, printable } from './wording.ts';

type Look = Pick<Screen, 'style' | 'widthColumns'>;

const titles: Readonly<Record<string, string>> = {
	...Object.fromEntries(rosterKinds.map(({ kind, title }) => [kind, title])),
	schoolStudent: 'Students of schools',
	schoolTeacher: 'Teachers of schools',
};

const titleOf = (kind: string) => titles[kind] ?? kind;

const columns = ['added', 'changed', 'removed', 'unchanged', 'held'] as const;
/** So many groups are shown, and of each so many changes. */
const groupsShown = 10;
const changesShown = 3;

/** What a run would do: counts by kind, the estimate, and the first changes, grouped. */
export function planLines({ counts, estimate, value }: Plan, look: Look): string[] {
	const rows = Object.entries(counts).map(([kind, count]) => [
		titleOf(kind),
		...columns.map((name) => formatCount(count[name])),
	]);
	const numbers = columns.map((name) => ({
		title: name.charAt(0).toUpperCase() + name.slice(1),
		align: 'right' as const,
		style: (cell: string) =>
			cell.trim() === '0' ? look.style('dim', cell) : name === 'held' ? look.style('red', cell) : cell,
	}));
	const time = formatDuration(estimate.seconds * 1000);
	const writes =
		estimate.writes === 0 ? 'Nothing would be written.' : `${countOf(estimate.writes, 'write')}, about ${time}.`;
	return ['', ...table([{ title: '' }, ...numbers], rows, look), '', `  ${writes}`, ...changeLines(value, look)];
}

function changeLines(changes: readonly PlannedChange[], look: Look): string[] {
	if (changes.length === 0) return [];
	const groups = [...Map.groupBy(changes, groupOf)].slice(0, groupsShown);
	const rows = groups.map(([name, group]) => [name, formatCount(group.length), firstOf(group)]);
	return [
		'',
		`  ${look.style('bold', 'The first changes')}`,
		'',
		...table(
			[{ title: 'Change' }, { title: 'Count', align: 'right' }, { title: 'First of them', wrap: true }],
			rows,
			look,
		),
	];
}

function groupOf({ kind, operation, school, isHeld }: PlannedChange): string {
	const place = school === undefined || kind === 'school' ? '' : ` ${school}`;
	return `${isHeld ? 'hold' : operation} ${titleOf(kind).toLowerCase()}${place}`;
}

function firstOf(group: readonly PlannedChange[]): string {
	const named = group.slice(0, changesShown).map(({ kind, school, class: section, person, directoryId }) => {
		const member = person ?? directoryId;
		if (member === undefined) return section ?? school ?? kind;
		return section === undefined ? member : `${member} in ${section}`;
	});
	return named.join(', ') + (group.length > changesShown ? ', …' : '');
}

/** What a run holds, place by place. */
export function holdLines(holds: readonly Hold[], look: Look): string[] {
	const rows = holds.map(({ id, kind, scope, sisId, removals, present }) => [
		titleOf(kind),
		sisId === undefined ? scope : `${scope} ${sisId}`,
		`${formatCount(removals)} of ${formatCount(present)}`,
		id,
	]);
	return table(
		[{ title: 'Kind' }, { title: 'Where' }, { title: 'Removals', align: 'right' }, { title: 'Hold', wrap: true }],
		rows,
		look,
	);
}

export function paragraph(text: string, { widthColumns }: Pick<Look, 'widthColumns'>): string[] {
	if (text === '') return [];
	return wrapText(printable(text), widthColumns - 2).map((line) => `  ${line}`);
}

function table(heads: Parameters<typeof renderTable>[0], rows: string[][], look: Look): string[] {
	return rows.length === 0
		? []
		: renderTable(heads, rows, { widthColumns: look.widthColumns, styleTitle: (title) => look.style('dim', title) });
}
