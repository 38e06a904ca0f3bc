import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextLink, pageRequestOf, wantsCount } from '../../src/http/paging.ts';
import { refusal } from '../support/refusal.ts';

const listUrl = 'https://sds.example.org/beta/education/users';
const queryOf = (text: string) => new URLSearchParams(text);

describe('$top', () => {
	test.each([
		['', 100],
		['$top=1', 1],
		['$top=999', 999],
		['$top=1000', 999],
		['%24top=7', 7],
	])('of "?%s" asks for a page of %i', (query, size) => {
		expect(pageRequestOf(queryOf(query))).toEqual({ size });
	});

	test.each(['0', '-1', '1.5', 'ten', '', ' ', '1e2', '99999999999', '0x10'])('may not be %j', (top) => {
		const { code, extras } = refusal(() => pageRequestOf(new URLSearchParams({ $top: top })));
		expect([code, extras.details]).toMatchObject(['BadRequest', [{ target: '$top' }]]);
	});
});

describe('$count', () => {
	test.each([
		['', false],
		['$count=true', true],
		['$count=TRUE', true],
		['$count=false', false],
	])('of "?%s" is %s', (query, expected) => {
		expect(wantsCount(queryOf(query))).toBe(expected);
	});

	test('may be nothing else', () => {
		expect(refusal(() => wantsCount(queryOf('$count=1'))).extras.details).toMatchObject([{ target: '$count' }]);
	});
});

describe('a next link', () => {
	test('leads to where the page ended, whatever storage calls that place', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'grapheme', minLength: 1 }),
				fc.integer({ min: 1, max: 999 }),
				(continuation, size) => {
					const link = new URL(nextLink(new URL(`${listUrl}?$top=${size}`), continuation));
					expect(pageRequestOf(link.searchParams)).toEqual({ size, continuation });
				},
			),
		);
	});

	test('keeps the other options and the address of the request', () => {
		const link = nextLink(new URL(`${listUrl}?$top=5&$count=true&$skiptoken=old&skipToken=older`), 'place');
		expect(link).toMatch(
			/^https:\/\/sds\.example\.org\/beta\/education\/users\?\$top=5&\$count=true&\$skiptoken=[\w-]+$/,
		);
	});

	test('may be followed under the old name of the option', () => {
		const token = new URL(nextLink(new URL(listUrl), 'place')).searchParams.get('$skiptoken') ?? '';
		expect(pageRequestOf(queryOf(`skipToken=${token}`)).continuation).toBe('place');
	});

	test('does not show what it holds', () => {
		expect(nextLink(new URL(listUrl), 'tenant-partition')).not.toContain('tenant-partition');
	});

	test('is refused once anything in its token was changed', () => {
		const token = new URL(nextLink(new URL(listUrl), 'a place in the table')).searchParams.get('$skiptoken') ?? '';
		const forged = fc
			.tuple(fc.nat(token.length - 1), fc.constantFrom('A', 'b', '7', '_'))
			.map(([at, character]) => token.slice(0, at) + character + token.slice(at + 1));
		fc.assert(
			fc.property(
				forged.filter((each) => decoded(each) !== decoded(token)),
				(each) => {
					const { code } = refusal(() => pageRequestOf(new URLSearchParams({ $skiptoken: each })));
					expect(code).toBe('BadRequest');
				},
			),
		);
	});
});

/** The last character of base64 carries bits that mean nothing. */
function decoded(token: string): string {
	return token.slice(0, 8) + Buffer.from(token.slice(8), 'base64url').toString('hex');
}
