import type { TextCondition } from '../../../directory-ports.ts';
import type { JsonObject } from '../../requests/request-body.ts';
import { refusedOption } from '../option-refusal.ts';
import {
	type Family,
	families,
	findProperty,
	foldCase,
	type Properties,
	type PropertyType,
	type Scalar,
	scalarReader,
	timeOf,
} from '../scalar.ts';
import type { Token } from './filter-tokens.ts';

/** A part of a filter that has a value for each item. */
export interface Operand {
	/** `null` is the literal, which can be compared with anything. */
	family: Family | 'null';
	position: number;
	evaluate: (item: JsonObject) => Scalar;
	/** Of string literals, which also stand for quoted dates. */
	quoted?: string;
	/** Set if it is a property and no literal or expression. */
	property?: PropertyType;
	/** Of properties. */
	path?: string;
	/** Of conditions that a store can look for itself: all of these together are what it states. */
	conditions?: readonly TextCondition[];
}

/** What a word, a string or a typed literal stands for. Throws `SyncApiError` (400) for an unknown property. */
export function operandOf(token: Token, properties: Properties): Operand {
	if (token.kind !== 'word') return textOperand(token);
	return literalOf(token) ?? propertyOf(token, properties);
}

function textOperand({ text, position }: Token): Operand {
	return { ...constant('text', foldCase(text), position), quoted: text };
}

const keywords: Readonly<Record<string, { family: Operand['family']; value: Scalar }>> = {
	true: { family: 'boolean', value: true },
	false: { family: 'boolean', value: false },
	null: { family: 'null', value: null },
};

const guidPattern = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const numberPattern = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

function literalOf({ text, position }: Token): Operand | undefined {
	const word = text.toLowerCase();
	const keyword = Object.hasOwn(keywords, word) ? keywords[word] : undefined;
	if (keyword) return constant(keyword.family, keyword.value, position);
	if (guidPattern.test(text)) return constant('text', foldCase(text), position);
	if (numberPattern.test(text)) return constant('number', Number(text), position);
	const time = timeOf(text);
	return time === undefined ? undefined : constant('time', time, position);
}

function propertyOf({ text, position }: Token, properties: Properties): Operand {
	const property = findProperty(properties, text);
	if (!property) {
		// Not repeated: who forgets the quotes may have written somebody's name.
		const known = Object.keys(properties).join(', ');
		const rule = `this is neither a literal (a text needs quotes) nor a property that can be filtered by, which are ${known}`;
		throw refusedOption({ option: '$filter', rule, position });
	}
	return {
		family: families[property.type],
		position,
		evaluate: scalarReader(property),
		property: property.type,
		path: property.path,
	};
}

function constant(family: Operand['family'], value: Scalar, position: number): Operand {
	return { family, position, evaluate: () => value };
}

/** The operand as one of that family, if it can be: quoted dates become times. */
export function asFamily(operand: Operand, family: Operand['family']): Operand | undefined {
	if (operand.family === family || operand.family === 'null' || family === 'null') return operand;
	if (family !== 'time' || operand.quoted === undefined) return undefined;
	const time = timeOf(operand.quoted);
	return time === undefined ? undefined : constant('time', time, operand.position);
}
