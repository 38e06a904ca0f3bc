import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { planCsv, prefersCsv } from '../../../src/http/answers/plan-csv.ts';
import type { PlannedChange } from '../../../src/services/runs/planned-changes.ts';

const change: PlannedChange = {
	operation: 'add',
	kind: 'studentEnrollment',
	school: '=S1',
	class: 'C,1',
	person: '-P1',
	isHeld: false,
};

describe('a plan as CSV', () => {
	test('guards what a spreadsheet would run, and says who is held', async () => {
		async function* changes() {
			yield change;
			yield { operation: 'remove', kind: 'schoolTeacher', school: 'S2', directoryId: 'id', isHeld: true } as const;
		}
		expect((await buffer(planCsv(changes()))).toString()).toBe(
			`\ufeffOperation,Kind,School,Class,Person,Directory Id,Held\r\nadd,studentEnrollment,'=S1,"C,1",'-P1,,false\r\nremove,schoolTeacher,S2,,,id,true\r\n`,
		);
	});

	test('that cannot be read to its end has every row so far, and says so', async () => {
		async function* changes() {
			for (let row = 0; row < 2500; row++) yield change;
			throw new Error('gone');
		}
		const rows = (await buffer(planCsv(changes()))).toString().split('\r\n');
		expect([rows.length, rows.at(-2)]).toEqual([
			2503,
			expect.stringMatching(/^incomplete,The plan cannot be read to its end/),
		]);
	});
});

test.each([
	[null, false],
	['*/*', false],
	['application/json', false],
	['text/csv', true],
	['application/json, text/csv;q=0.5', false],
	['text/csv, application/json;q=0.9', true],
	['text/csv;q=0', false],
])('a client that accepts %s prefers CSV: %s', (accept, wanted) => {
	expect(prefersCsv(accept)).toBe(wanted);
});
