import { expect, test } from 'vitest';
import { createScreen } from '../../../src/cli/screen/screen.ts';

function openScreen(stream: { isTTY?: boolean; columns?: number }, environment: Record<string, string> = {}) {
	const output = { text: '', timeMs: 0 };
	const write = (text: string) => {
		output.text += text;
	};
	const screen = createScreen({ ...stream, write }, { environment, nowMs: () => output.timeMs });
	return { screen, output };
}

const progress = { title: 'Accounts', done: 1, total: 4 };

test('a terminal has one live line, which gives way to the lines that stay', () => {
	const { screen, output } = openScreen({ isTTY: true, columns: 80 });
	screen.progress(progress);
	screen.line('done');
	const [before, live, after] = output.text.split('\r\x1b[2K');
	expect(before).toBe('');
	expect(live).toMatch(/^ {2}Accounts .* 25 % {2}1\/4$/);
	expect(after).toBe('done\n');
});

test('a terminal is repainted no more often than the eye can follow', () => {
	const { screen, output } = openScreen({ isTTY: true, columns: 80 });
	screen.progress(progress);
	const painted = output.text;
	screen.progress({ ...progress, done: 2 });
	expect(output.text).toBe(painted);
	output.timeMs = 100;
	screen.progress({ ...progress, done: 2 });
	expect(output.text).toContain('2/4');
});

test('a terminal shows the end of a phase at once', () => {
	const { screen, output } = openScreen({ isTTY: true, columns: 80 });
	screen.progress(progress);
	screen.progress({ ...progress, done: 4 });
	expect(output.text).toContain('100 %');
});

test.each([
	['the output is not a terminal', {}, {}],
	['NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1' }],
	['the terminal is dumb', { isTTY: true }, { TERM: 'dumb' }],
])('there is a plain line per phase when %s', (_, stream, environment) => {
	const { screen, output } = openScreen(stream, environment);
	screen.progress(progress);
	screen.progress({ ...progress, done: 3 });
	screen.progress({ ...progress, title: 'Classes' });
	screen.endProgress();
	screen.fact('Uploaded', screen.style('red', '6 files'));
	expect(output.text).toBe('  Accounts …\n  Classes …\n  Uploaded    6 files\n');
});

test('the width follows the terminal, within what can be read', () => {
	expect(openScreen({ isTTY: true, columns: 60 }).screen.widthColumns).toBe(60);
	expect(openScreen({ isTTY: true, columns: 300 }).screen.widthColumns).toBe(110);
	expect(openScreen({ isTTY: true }).screen.widthColumns).toBe(80);
});
