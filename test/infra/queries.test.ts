import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { infraFolder } from '../support/infra/bicep.ts';
import { faultsOf } from '../support/infra/kusto.ts';

const read = (name: string) => readFileSync(path.join(infraFolder, name), 'utf8');

interface WorkbookItem {
	type: number;
	name: string;
	content: { query?: string; title?: string; timeContextFromParameter?: string };
}

const workbook = JSON.parse(read('workbook.json')) as { version: string; items: WorkbookItem[] };
const alerts = [...read('modules/alerts.bicep').matchAll(/name: '([\w-]+)'\n\s*title:[\s\S]*?query: '(.*)'\n/g)].map(
	([, name = '', query = '']) => ({ name, query }),
);
const questions = [
	...alerts,
	...workbook.items.flatMap(({ name, content: { query } }) => (query ? [{ name, query }] : [])),
];

describe('the judge of queries', () => {
	test.each([
		['AppEvents | where Nme == "a"', /Nme/],
		['AppEvents | summarise count()', /./],
		['AppEvnts | take 1', /AppEvnts/],
		['AppEvents | where Name == "a', /./],
	])('finds what is wrong with %s', (query, fault) => {
		expect(faultsOf(query).join(' ')).toMatch(fault);
	});

	test('knows all alerts', () => {
		expect(alerts.map(({ name }) => name)).toEqual(
			expect.arrayContaining([
				'failed-runs',
				'waiting-holds',
				'overdue-profiles',
				'expiring-profiles',
				'poison-messages',
			]),
		);
		expect(alerts).toHaveLength(read('modules/alerts.bicep').match(/^ {4}query: /gm)?.length ?? 0);
	});
});

describe('a query of an alert or of the workbook', () => {
	test.each(questions)('is one: $name', ({ query }) => {
		expect(faultsOf(query)).toEqual([]);
	});

	test.each(questions)('asks only for names that the documentation has: $name', ({ query }) => {
		const documented = read('../docs/telemetry.md');
		for (const [, name = ''] of query.matchAll(/"(sds\.[\w.]*\w)"/g)) expect(documented, name).toContain(`\`${name}\``);
	});
});

describe('the workbook', () => {
	test('shows runs, holds, errors, quota and who did what, all in the time that is chosen', () => {
		const headings = workbook.items.filter(({ type }) => type === 1).map(({ name }) => name);
		expect(headings).toEqual(['about', 'runs', 'holds', 'errors', 'quota', 'audit']);
		for (const { name, content } of workbook.items.filter(({ type }) => type === 3))
			expect(content.timeContextFromParameter, name).toBe('TimeRange');
		expect(new Set(workbook.items.map(({ name }) => name)).size).toBe(workbook.items.length);
	});
});
