import { styleText } from 'node:util';
import { type Progress, renderProgress } from './progress-bar.ts';

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** Where the human output goes. On a terminal one live line moves; elsewhere there are only plain lines. */
export interface Screen {
	readonly widthColumns: number;
	line(text?: string): void;
	/** A line that stays: a word, and what there is to say about it. */
	fact(name: string, text: string): void;
	/** The live line; without a terminal, a line each time the title changes. */
	progress(progress: Progress): void;
	/** Removes the live line, so that what it stood for can be said in a line that stays. */
	endProgress(): void;
	style(style: Style, text: string): string;
}

export interface OutputStream {
	write(text: string): unknown;
	isTTY?: boolean | undefined;
	columns?: number | undefined;
}

export interface ScreenOptions {
	environment: Readonly<Record<string, string | undefined>>;
	nowMs: () => number;
}

const defaultWidthColumns = 80;
/** Prose and tables get harder to read on wider lines. */
const maxWidthColumns = 110;
/** More often than this the eye sees only flicker. */
const minRepaintMs = 80;
const clearLine = '\r\x1b[2K';

export function createScreen(stream: OutputStream, options: ScreenOptions): Screen {
	const { environment } = options;
	const moves = stream.isTTY === true && environment.TERM !== 'dumb' && !environment.NO_COLOR;
	return moves ? createTerminal(stream, options.nowMs) : createPlainLog(stream);
}

/** Says nothing at all, for output that is read by a program. */
export const silentScreen: Screen = {
	widthColumns: defaultWidthColumns,
	line: () => {},
	fact: () => {},
	progress: () => {},
	endProgress: () => {},
	style: (_, text) => text,
};

function createTerminal(stream: OutputStream, nowMs: () => number): Screen {
	let live = '';
	let painted = { title: '', atMs: Number.NEGATIVE_INFINITY };
	const style = (name: Style, text: string) => styleText(name, text, { validateStream: false });
	const widthColumns = () => Math.min(maxWidthColumns, stream.columns || defaultWidthColumns);
	const endProgress = () => {
		if (live !== '') stream.write(clearLine);
		live = '';
	};
	const line = (text = '') => {
		endProgress();
		stream.write(`${text}\n`);
	};
	return {
		get widthColumns() {
			return widthColumns();
		},
		style,
		endProgress,
		line,
		fact: (name, text) => line(factLine(style('dim', name.padEnd(nameWidth)), text)),
		progress(progress) {
			const atMs = nowMs();
			const isNews = progress.title !== painted.title || live === '';
			if (!isNews && progress.done < progress.total && atMs - painted.atMs < minRepaintMs) return;
			live = renderProgress(progress, {
				widthColumns: widthColumns(),
				filled: (text) => style('cyan', text),
				rest: (text) => style('dim', text),
			});
			painted = { title: progress.title, atMs };
			stream.write(clearLine + live);
		},
	};
}

function createPlainLog(stream: OutputStream): Screen {
	let title = '';
	const line = (text = '') => {
		stream.write(`${text}\n`);
	};
	return {
		widthColumns: defaultWidthColumns,
		style: (_, text) => text,
		line,
		fact: (name, text) => line(factLine(name.padEnd(nameWidth), text)),
		progress(progress) {
			if (progress.title !== title) stream.write(`  ${progress.title} …\n`);
			title = progress.title;
		},
		endProgress() {
			title = '';
		},
	};
}

const nameWidth = 10;

function factLine(name: string, text: string): string {
	return `  ${name}  ${text}`;
}
