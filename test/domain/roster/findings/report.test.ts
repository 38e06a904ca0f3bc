import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unguarded } from '../../../../src/domain/roster/findings/formula-guard.ts';
import { reportRows } from '../../../../src/domain/roster/findings/report.ts';
import type { Finding } from '../../../../src/domain/roster/findings/verdict.ts';

const finding = (changes: Partial<Finding> = {}): Finding => ({
	kind: 'student',
	fileName: 'student.csv',
	line: 7,
	column: 'Username',
	rule: 'format',
	severity: 'Error',
	reason: 'has a blank',
	cure: 'Take the blank out.',
	key: 'P1',
	value: 'a b',
	...changes,
});

test('a report says file, line, key, column, value, rule, severity, problem and cure', () => {
	expect([...reportRows([finding()])]).toEqual([
		'\ufeffFile,Line,SIS ID,Column,Value,Rule,Severity,Problem,Cure\r\n',
		'student.csv,7,P1,Username,a b,format,Error,has a blank,Take the blank out.\r\n',
	]);
});

test('a finding about a whole row leaves column, key and value empty', () => {
	const { column: _, key: __, value: ___, ...row } = finding({ rule: 'raggedRow' });
	expect([...reportRows([row])][1]).toMatch(/^student\.csv,7,,,,raggedRow,Error,/);
});

test('any value comes back from the report, and none of them is a formula', () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), (key, value) => {
			const [row] = parse([...reportRows([finding({ key, value })])].join(''), { columns: true, bom: true }) as Record<
				string,
				string
			>[];
			for (const [shown, meant] of [
				[row?.['SIS ID'], key],
				[row?.Value, value],
			]) {
				expect(unguarded(shown ?? '')).toBe(meant);
				expect(shown).not.toMatch(/^\s*[=+\-@\t\r]/);
			}
		}),
	);
});
