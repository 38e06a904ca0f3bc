import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyncApiError } from '../../../src/domain/errors.ts';
import { answerList, type ListSource } from '../../../src/http/odata/lists/list-answer.ts';
import { type QueryShape, readQuery } from '../../../src/http/odata/query-options.ts';
import type { JsonObject } from '../../../src/http/requests/request-body.ts';
import { refusal } from '../../support/requests/refusal.ts';

const shape: QueryShape = {
	kind: 'list',
	properties: { id: 'string', size: 'int', isOn: 'boolean', changed: 'dateTimeOffset' },
	searchable: ['id'],
	expandable: ['errors'],
};
const filterOf = ($filter: string) => readQuery(new URLSearchParams({ $filter }), shape).filter;

/** What OData calls unknown, as a condition of null is, is undefined here. */
type Truth = boolean | undefined;

interface Condition {
	text: string;
	/** Whether it may stand beside `and` without parentheses. */
	loose: boolean;
	of: (item: JsonObject) => Truth;
}

const comparison: fc.Arbitrary<Condition> = fc
	.record({ operator: fc.constantFrom('eq', 'ne', 'lt', 'ge'), value: fc.constantFrom(1, 2, null) })
	.map(({ operator, value }) => ({
		text: `size ${operator} ${value}`,
		loose: false,
		of: ({ size = null }) => {
			if (operator === 'eq') return size === value;
			if (operator === 'ne') return size !== value;
			if (size === null || value === null) return false;
			return operator === 'lt' ? Number(size) < value : Number(size) >= value;
		},
	}));
const flag = fc.constant<Condition>({ text: 'isOn', loose: false, of: ({ isOn }) => isOn as Truth });
const part = fc.constant<Condition>({
	text: "contains(id,'a')",
	loose: false,
	of: ({ id }) => (typeof id === 'string' ? id.includes('a') : undefined),
});

const both = (a: Truth, b: Truth): Truth => {
	if (a === false || b === false) return false;
	return a === undefined || b === undefined ? undefined : true;
};
const opposite = (a: Truth): Truth => (a === undefined ? undefined : !a);
const either = (a: Truth, b: Truth): Truth => opposite(both(opposite(a), opposite(b)));
const tight = ({ text, loose }: Condition) => (loose ? `(${text})` : text);

/** Written with no more parentheses than OData's precedence asks for. */
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
	condition: fc.oneof(
		{ maxDepth: 4 },
		comparison,
		flag,
		part,
		tie('condition').map((a) => ({
			text: `not (${a.text})`,
			loose: false,
			of: (item: JsonObject) => opposite(a.of(item)),
		})),
		fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
			text: `${tight(a)} and ${tight(b)}`,
			loose: false,
			of: (item: JsonObject) => both(a.of(item), b.of(item)),
		})),
		fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
			text: `${a.text} or ${b.text}`,
			loose: true,
			of: (item: JsonObject) => either(a.of(item), b.of(item)),
		})),
	),
}));

const items: readonly JsonObject[] = [null, 1, 3].flatMap((size) =>
	[true, false, undefined].flatMap((isOn) => ['a', 'b', null].map((id) => ({ id, size, isOn }))),
);

describe('a filter', () => {
	test('without needless parentheses and with nulls means what OData says', () => {
		fc.assert(
			fc.property(condition, ({ text, of }) => {
				const filter = filterOf(text);
				expect(items.map((item) => filter?.(item))).toEqual(items.map((item) => of(item) === true));
			}),
		);
	});

	test('says where it is wrong', () => {
		expect(refusal(() => filterOf('size eq 1 and sise eq 2')).message).toContain('at character 15: this is neither');
	});

	test('does not repeat what may be the name of somebody, quoted or not', () => {
		for (const filter of ["size eq 1 'Ada Example'", 'name eq Ada Example', 'name eq Ada', "O'Ada", "name eq Ada'"])
			expect(refusal(() => filterOf(filter)).message, filter).not.toContain('Ada');
	});

	test('asks for parentheses where "not" would bind tighter than a comparison', () => {
		expect(refusal(() => filterOf('not size eq 1')).message).toContain('needs parentheses');
	});
});

describe('an order', () => {
	const source = (all: readonly JsonObject[]): ListSource<JsonObject> => ({
		page: async () => ({ items: all }),
		keyOf: ({ id }) => String(id),
		toJson: (item) => item,
	});
	const all = [{ id: 'c', size: 1 }, { id: 'a' }, { id: 'b', size: 2 }, { id: 'd', size: 1 }];

	test.each([
		['size', 'acdb'],
		['size desc', 'bcda'],
		['SIZE asc, id desc', 'adcb'],
		['changed', 'abcd'],
	])('by "%s" puts null first when ascending, and the key last', async ($orderby, expected) => {
		const query = readQuery(new URLSearchParams({ $orderby }), shape);
		expect((await answerList(query, source(all))).items.map(({ id }) => id).join('')).toBe(expected);
	});
});

describe('every option', () => {
	const names = [
		'$filter',
		'$orderby',
		'$top',
		'$skip',
		'$count',
		'$select',
		'$expand',
		'$search',
		'$skiptoken',
		'$format',
	];
	const words = fc.constantFrom(
		'size',
		'id',
		'desc',
		',',
		'"',
		'\\',
		'AND',
		'OR',
		'NOT',
		'*',
		'1',
		'-',
		'(',
		'\u{1F600}',
		'',
	);
	const value = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.array(words).map((each) => each.join(' ')),
	);
	const name = fc.oneof(
		fc.constantFrom(...names),
		fc.string().map((each) => `$${each}`),
	);

	test('is read, or refused as a bad request, whatever it says', () => {
		const outcomes = { read: 0, refused: 0 };
		fc.assert(
			fc.property(name, value, (option, text) => {
				try {
					const { search, filter } = readQuery(new URLSearchParams([[option, text]]), shape);
					for (const item of items) expect([search?.(item), filter?.(item)]).toBeDefined();
					outcomes.read += 1;
				} catch (error) {
					if (!(error instanceof SyncApiError)) throw error;
					expect([error.code, error.extras.details?.[0]?.code]).toEqual(['BadRequest', 'InvalidQueryOption']);
					outcomes.refused += 1;
				}
			}),
			{ numRuns: 2_000 },
		);
		expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(0);
	});

	test.each([
		['NOT b', true],
		['a NOT b', true],
		['NOT a', false],
		['"A"', true],
	])('search for %s in "a" is %s', ($search, expected) => {
		expect(readQuery(new URLSearchParams({ $search }), shape).search?.({ id: 'a' })).toBe(expected);
	});
});
