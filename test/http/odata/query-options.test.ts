import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncApiError } from '../../../src/domain/errors.ts';
import { writeSkipToken } from '../../../src/http/odata/lists/skip-token.ts';
import { type QueryShape, readQuery } from '../../../src/http/odata/query-options.ts';
import { refusal } from '../../support/requests/refusal.ts';

const shape = {
	kind: 'list',
	properties: {
		id: 'guid',
		displayName: 'string',
		state: 'enum',
		errorCount: 'int',
		isOn: 'boolean',
		expirationDate: 'date',
		changedDateTime: 'dateTimeOffset',
		'dataProvider/connectionUrl': 'string',
	},
	searchable: ['displayName'],
	expandable: ['errors'],
} as const satisfies QueryShape;

const item = {
	id: '018f0000-0000-7000-8000-00000000000a',
	displayName: "O'Hara District",
	state: 'provisioned',
	errorCount: 5,
	isOn: true,
	expirationDate: '2026-06-30',
	changedDateTime: '2026-03-02T10:00:00.5Z',
	dataProvider: { connectionUrl: 'https://sis.example.org' },
	absent: null,
};

const read = (query: string, of: QueryShape = shape) => readQuery(new URLSearchParams(query), of);
const holds = (filter: string) => read(new URLSearchParams({ $filter: filter }).toString()).filter?.(item);

describe('$filter', () => {
	test.each([
		["displayName eq 'O''Hara District'", true],
		["displayname EQ 'o''hara district'", true],
		["displayName ne 'x'", true],
		["displayName gt 'N'", true],
		["displayName lt 'N'", false],
		['errorCount ge 5', true],
		['errorCount le 4', false],
		['errorCount eq 5.0', true],
		["state eq 'Provisioned'", true],
		["state eq microsoft.graph.educationSynchronizationProfileState'provisioned'", true],
		["state in ('deleting', 'provisioned')", true],
		['errorCount in (1,2,3)', false],
		['isOn', true],
		['isOn eq true and not (errorCount gt 5)', true],
		['not isOn', false],
		['id eq 018F0000-0000-7000-8000-00000000000A', true],
		["id eq '018F0000-0000-7000-8000-00000000000A'", true],
		['expirationDate lt 2026-07-01', true],
		["expirationDate ge '2026-07-01'", false],
		['changedDateTime gt 2026-03-02T11:00:00+01:30', true],
		["startswith(displayName,'o''h')", true],
		["endswith(displayName,'district') and contains(displayName,'hara')", true],
		["tolower(displayName) eq 'o''hara district'", true],
		["contains(dataProvider/connectionUrl,'sis')", true],
		['expirationDate eq null', false],
		['expirationDate ne null', true],
		["displayName eq 'x' or errorCount eq 5 and isOn", true],
		["(displayName eq 'x' or errorCount eq 5) and not isOn", false],
	])('%s is %s', (filter, expected) => {
		expect(holds(filter)).toBe(expected);
	});

	test('of a property that an item does not have is neither less nor more nor equal', () => {
		const { filter } = read("$filter=dataProvider/connectionUrl eq 'x' or dataProvider/connectionUrl lt 'x'");
		expect(filter?.({})).toBe(false);
		expect(read('$filter=dataProvider/connectionUrl eq null').filter?.({})).toBe(true);
	});

	test.each([
		'',
		'displayName',
		'displayName eq',
		"displayName eq 'open",
		"displayName is 'x'",
		"unknown eq 'x'",
		'displayName eq 5',
		'errorCount eq true',
		'(isOn',
		'isOn)',
		'isOn and',
		'not',
		'startswith(displayName)',
		"startswith(displayName,'a','b')",
		"state gt 'x'",
		'errorCount in ()',
		`${'('.repeat(60)}isOn${')'.repeat(60)}`,
		`${'not '.repeat(100)}isOn`,
		`displayName eq '${'x'.repeat(4_000)}'`,
		Array(300).fill('isOn').join(' or '),
	])('%s is refused with its name', (filter) => {
		const error = refusal(() => read(new URLSearchParams({ $filter: filter }).toString()));
		expect([error.code, error.extras.details?.[0]?.target]).toEqual(['BadRequest', '$filter']);
	});

	test('agrees with a reading of the same expression by hand', () => {
		interface Node {
			text: string;
			value: boolean;
		}
		const leaf = fc.record({ left: fc.nat(9), operator: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le') }).map(
			({ left, operator }): Node => ({
				text: `errorCount ${operator} ${left}`,
				value: {
					eq: 5 === left,
					ne: 5 !== left,
					gt: 5 > left,
					ge: 5 >= left,
					lt: 5 < left,
					le: 5 <= left,
				}[operator] as boolean,
			}),
		);
		const { expression } = fc.letrec<{ expression: Node }>((tie) => ({
			expression: fc.oneof(
				{ maxDepth: 5 },
				leaf,
				tie('expression').map(({ text, value }) => ({ text: `not (${text})`, value: !value })),
				fc
					.tuple(tie('expression'), tie('expression'))
					.map(([a, b]) => ({ text: `(${a.text}) and (${b.text})`, value: a.value && b.value })),
				fc
					.tuple(tie('expression'), tie('expression'))
					.map(([a, b]) => ({ text: `(${a.text}) or (${b.text})`, value: a.value || b.value })),
			),
		}));
		fc.assert(fc.property(expression, ({ text, value }) => text.length > 4_000 || holds(text) === value));
	});

	test('is read or refused, whatever it is', () => {
		const words = fc.constantFrom(
			'displayName',
			'eq',
			'and',
			'not',
			'(',
			')',
			"'",
			"'x'",
			'5',
			',',
			'in',
			'null',
			'%',
			' ',
		);
		const texts = fc.oneof(
			fc.string(),
			fc.array(words, { maxLength: 30 }).map((parts) => parts.join(' ')),
		);
		fc.assert(
			fc.property(texts, (text) => {
				try {
					read(new URLSearchParams({ $filter: text }).toString()).filter?.(item);
				} catch (error) {
					expect(error).toBeInstanceOf(SyncApiError);
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe('the other options', () => {
	test('are read in any case, with the $ or without', () => {
		expect(read('$Top=5&skip=3&$COUNT=True&$select=STATE,id&$expand=Errors')).toMatchObject({
			top: 5,
			skip: 3,
			wantsCount: true,
			select: new Set(['state', 'id']),
			expand: new Set(['errors']),
		});
		expect(read('$top=5000').top).toBe(999);
		expect(read('$select=*').select).toBeUndefined();
		expect(read('$format=json&api-version=7&utm=x')).toMatchObject({ skip: 0, orderBy: [] });
	});

	test('search with quoted and bare words, AND and OR', () => {
		const finds = (search: string) => read(new URLSearchParams({ $search: search }).toString()).search?.(item);
		expect(finds('"hara dist"')).toBe(true);
		expect(finds('district hara')).toBe(true);
		expect(finds('district fabrikam')).toBe(false);
		expect(finds('district AND fabrikam OR hara')).toBe(true);
	});

	test('give a skip token back, by either name', () => {
		for (const name of ['$skiptoken', '$skipToken', 'skipToken'])
			expect(read(`${name}=${writeSkipToken('key 1')}`).continuation).toBe('key 1');
	});

	test.each([
		['$top=-1', '$top'],
		['$top=1.5', '$top'],
		['$skip=x', '$skip'],
		['$count=yes', '$count'],
		['$select=secret', '$select'],
		['$expand=profileStatus', '$expand'],
		['$orderby=nothing', '$orderby'],
		['$orderby=displayName upwards', '$orderby'],
		['$search=', '$search'],
		['$search=a OR', '$search'],
		['$search="open', '$search'],
		['$skiptoken=abc', '$skiptoken'],
		['skipToken=eyJGaWxlTmFtZSI6IngiLCJTa2lwRW50cmllcyI6OTl9', '$skiptoken'],
		['$format=xml', '$format'],
		['$apply=x', '$apply'],
		['$top=1&top=2', '$top'],
	])('%s is refused, naming %s', (query, target) => {
		const error = refusal(() => read(query));
		expect([error.code, error.extras.details]).toMatchObject(['BadRequest', [{ code: 'InvalidQueryOption', target }]]);
	});

	test('that mean nothing to a single resource are refused there, and a count ignores them', () => {
		expect(refusal(() => read('$top=1', { ...shape, kind: 'entity' })).code).toBe('BadRequest');
		expect(read('$orderby=id', { ...shape, kind: 'count' }).orderBy).toEqual([]);
	});
});
