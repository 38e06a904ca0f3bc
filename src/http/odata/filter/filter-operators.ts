import type { TextCondition } from '../../../directory-ports.ts';
import { refusedOption } from '../option-refusal.ts';
import { compareScalars, type Scalar } from '../scalar.ts';
import { asFamily, type Operand } from './filter-operands.ts';

/** The meaning of each operator and function, with null as OData 4.01 has it. Each throws `SyncApiError` (400) for operands of the wrong type. */

type BinaryRule = (left: Scalar, right: Scalar) => Scalar;

const logicRules: Readonly<Record<string, BinaryRule>> = {
	and: (left, right) => (left === false || right === false ? false : left === null || right === null ? null : true),
	or: (left, right) => (left === true || right === true ? true : left === null || right === null ? null : false),
};

const equalityRules: Readonly<Record<string, BinaryRule>> = {
	eq: (left, right) => left === right,
	ne: (left, right) => left !== right,
};

const orderRules: Readonly<Record<string, (order: number) => boolean>> = {
	gt: (order) => order > 0,
	ge: (order) => order >= 0,
	lt: (order) => order < 0,
	le: (order) => order <= 0,
};

/** From the loosest binding to the tightest; `not`, `in` and functions bind tighter still. */
export const binaryLevels: readonly (readonly string[])[] = [
	['or'],
	['and'],
	Object.keys(equalityRules),
	Object.keys(orderRules),
];

export function binary(operator: string, left: Operand, right: Operand): Operand {
	const logic = logicRules[operator];
	if (logic) {
		const both = combined(requireBoolean(left), requireBoolean(right), logic);
		return operator === 'and' && left.conditions && right.conditions
			? { ...both, conditions: [...left.conditions, ...right.conditions] }
			: both;
	}
	const [one, two] = sameFamily(left, right);
	const equality = equalityRules[operator];
	if (equality) {
		const compared = combined(one, two, equality);
		return operator === 'eq' ? { ...compared, ...conditionOf('eq', one.path ? [one, two] : [two, one]) } : compared;
	}
	// Enumerations are ordered by numbers that only the metadata knows.
	const unordered = [one, two].find((each) => each.property === 'enum');
	if (unordered)
		throw refused(`the values of an enumeration have no order for "${operator}"; use eq, ne or in`, unordered);
	return combined(
		one,
		two,
		(a, b) => a !== null && b !== null && orderRules[operator]?.(compareScalars(a, b)) === true,
	);
}

/** Of a text property and a literal; nothing for any other operands. */
function conditionOf(
	operator: TextCondition['operator'],
	[{ family, path }, { quoted }]: readonly [Operand, Operand],
): Pick<Operand, 'conditions'> {
	if (family !== 'text' || path === undefined || quoted === undefined) return {};
	return { conditions: [{ property: path, operator, value: quoted }] };
}

export function negation(operand: Operand): Operand {
	const { evaluate } = requireBoolean(operand);
	return truth(operand.position, (item) => {
		const value = evaluate(item);
		return value === null ? null : !value;
	});
}

/** `left in (…)`, whose items are literals. */
export function membership(left: Operand, items: readonly Operand[]): Operand {
	const values = new Set(items.map((each) => sameFamily(left, each)[1].evaluate({})));
	return truth(left.position, (item) => values.has(left.evaluate(item)));
}

interface FilterFunction {
	parameters: number;
	apply: (operands: readonly Operand[], position: number) => Operand;
}

/** By name in lower case. Comparison ignores case anyway, so `tolower` and `toupper` have nothing to do. */
export const filterFunctions: ReadonlyMap<string, FilterFunction> = new Map([
	['startswith', startsWith()],
	['endswith', textTest((text, part) => text.endsWith(part))],
	['contains', textTest((text, part) => text.includes(part))],
	['tolower', caseChange()],
	['toupper', caseChange()],
]);

function startsWith(): FilterFunction {
	const test = textTest((text, part) => text.startsWith(part));
	return {
		...test,
		apply: (operands, position) => ({
			...test.apply(operands, position),
			...conditionOf('startswith', operands as readonly [Operand, Operand]),
		}),
	};
}

function textTest(holds: (text: string, part: string) => boolean): FilterFunction {
	return {
		parameters: 2,
		apply: (operands, position) => {
			const [text, part] = operands.map(requireText);
			return truth(position, (item) => {
				const [one, two] = [text?.evaluate(item), part?.evaluate(item)];
				return typeof one === 'string' && typeof two === 'string' ? holds(one, two) : null;
			});
		},
	};
}

function caseChange(): FilterFunction {
	return {
		parameters: 1,
		apply: ([operand], position) => ({
			family: 'text',
			position,
			evaluate: operand ? requireText(operand).evaluate : () => null,
		}),
	};
}

function combined(left: Operand, right: Operand, rule: BinaryRule): Operand {
	return truth(left.position, (item) => rule(left.evaluate(item), right.evaluate(item)));
}

function truth(position: number, evaluate: Operand['evaluate']): Operand {
	return { family: 'boolean', position, evaluate };
}

function sameFamily(left: Operand, right: Operand): [Operand, Operand] {
	const two = asFamily(right, left.family);
	if (two) return [left, two];
	const one = asFamily(left, right.family);
	if (one) return [one, right];
	throw refused(`this is of type ${right.family}, and what it is compared with of type ${left.family}`, right);
}

function requireText(operand: Operand): Operand {
	const text = asFamily(operand, 'text');
	if (text) return text;
	throw refused(`this is of type ${operand.family}, and the function takes text`, operand);
}

/** Also says what is to be done about `not a eq b`, which OData reads as `(not a) eq b`. */
export function requireBoolean(operand: Operand): Operand {
	const boolean = asFamily(operand, 'boolean');
	if (boolean) return boolean;
	throw refused(
		`this is of type ${operand.family}, and must be a condition (after "not", a comparison needs parentheses)`,
		operand,
	);
}

function refused(rule: string, { position }: Operand) {
	return refusedOption({ option: '$filter', rule, position });
}
