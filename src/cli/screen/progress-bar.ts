import type { Pace } from './pace.ts';
import { formatCount, formatDuration } from './wording.ts';

export interface Progress {
	title: string;
	done: number;
	/** 0 while it is not known: then there is only the title. */
	total: number;
	pace?: Pace | undefined;
	/** How amounts are written; records if absent. */
	format?: (amount: number) => string;
}

export interface BarStyle {
	widthColumns: number;
	filled: (text: string) => string;
	rest: (text: string) => string;
}

const titleWidth = 14;
/** What title and details take at their usual longest; the bar gets the rest, and so does not jump while they change. */
const textWidth = 62;
const minBarWidth = 10;
const maxBarWidth = 30;

/** One line, never wider than the terminal: what does not fit is left out, the least important first. */
export function renderProgress(progress: Progress, style: BarStyle): string {
	const title = `  ${progress.title}`;
	if (progress.total <= 0) return `${title} …`;
	const head = `${title.padEnd(titleWidth)}  `;
	const barWidth = Math.min(maxBarWidth, Math.max(minBarWidth, style.widthColumns - textWidth));
	// The last column stays free: some terminals wrap the line when it is written.
	const room = style.widthColumns - 1 - head.length - barWidth;
	if (room < 0) return `${title} …`;
	return head + renderBar(progress.done / progress.total, barWidth, style) + fitDetails(progress, room);
}

export function renderBar(fraction: number, width: number, style: Pick<BarStyle, 'filled' | 'rest'>): string {
	const filled = Math.floor(Math.min(1, Math.max(0, fraction)) * width);
	return style.filled('━'.repeat(filled)) + style.rest('─'.repeat(width - filled));
}

function fitDetails({ done, total, pace, format = formatCount }: Progress, room: number): string {
	// Only what is complete is called 100 %.
	const percent = `${Math.min(100, Math.floor((done / total) * 100))} %`.padStart(5);
	const amount = `${format(done)}/${format(total)}`;
	const left = pace ? [`${formatDuration(pace.leftMs)} left`] : [];
	const rate = pace ? [`${format(Math.round(pace.perSecond))}/s`] : [];
	const candidates = [[percent, amount, ...rate, ...left], [percent, amount, ...left], [percent, ...left], [percent]];
	return candidates.map((parts) => `  ${parts.join('  ')}`).find((text) => text.length <= room) ?? '';
}
