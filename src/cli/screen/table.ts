import { printable } from './wording.ts';

export interface Column {
	title: string;
	align?: 'right';
	/** Takes the width that the others leave and breaks its text into lines; at most one column of a table. */
	wrap?: boolean;
	style?: (cell: string) => string;
}

export interface TableLayout {
	widthColumns: number;
	styleTitle?: (text: string) => string;
}

const indent = '  ';
const gap = '  ';
/** An id of hundreds of characters must not push the message off the screen. */
const maxCellWidth = 28;
const minWrapWidth = 20;

/** The lines of a table, its titles first. Cells are plain text; control characters in them are removed. */
export function renderTable(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
	layout: TableLayout,
): string[] {
	const cells = rows.map((row) => columns.map((column, i) => tidyCell(column, row[i] ?? '')));
	const widths = columnWidths(columns, cells, layout.widthColumns);
	const title = columns.map((column) => column.title);
	const titleStyle = layout.styleTitle ?? ((text: string) => text);
	const plain = columns.map(({ style: _, ...column }) => column);
	return [
		...renderRow(plain, title, widths).map((line) => indent + titleStyle(line)),
		...cells.flatMap((row) => renderRow(columns, row, widths).map((line) => indent + line)),
	];
}

function tidyCell(column: Column, text: string): string {
	const tidy = printable(text);
	return column.wrap ? tidy : truncate(tidy, maxCellWidth);
}

function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[], total: number): number[] {
	const widths = columns.map((column, i) =>
		Math.max(column.title.length, ...rows.map((row) => lengthOf(row[i] ?? ''))),
	);
	const wrapped = columns.findIndex((column) => column.wrap);
	if (wrapped >= 0) {
		const others = widths.reduce((sum, width, i) => (i === wrapped ? sum : sum + width), 0);
		const room = total - indent.length - gap.length * (columns.length - 1) - others;
		widths[wrapped] = Math.min(widths[wrapped] ?? 0, Math.max(minWrapWidth, room));
	}
	return widths;
}

function renderRow(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string[] {
	const broken = columns.map((column, i) => (column.wrap ? wrapText(row[i] ?? '', widths[i] ?? 0) : [row[i] ?? '']));
	const height = Math.max(...broken.map((lines) => lines.length));
	return Array.from({ length: height }, (_, at) =>
		columns
			.map((column, i) => {
				const cell = pad(broken[i]?.[at] ?? '', widths[i] ?? 0, column.align);
				return column.style ? column.style(cell) : cell;
			})
			.join(gap)
			.trimEnd(),
	);
}

/** Breaks at blanks, and inside a word only if the word alone is wider than the line. */
export function wrapText(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ').flatMap((part) => slices(part, width))) {
		if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
			lines.push(line);
			line = word;
		} else {
			line = line === '' ? word : `${line} ${word}`;
		}
	}
	return [...lines, line];
}

function slices(word: string, width: number): string[] {
	const characters = [...word];
	if (characters.length <= width) return [word];
	return Array.from({ length: Math.ceil(characters.length / width) }, (_, i) =>
		characters.slice(i * width, (i + 1) * width).join(''),
	);
}

export function truncate(text: string, width: number): string {
	return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}

function pad(text: string, width: number, align: Column['align']): string {
	const blanks = ' '.repeat(Math.max(0, width - lengthOf(text)));
	return align === 'right' ? blanks + text : text + blanks;
}

function lengthOf(text: string): number {
	return [...text].length;
}
