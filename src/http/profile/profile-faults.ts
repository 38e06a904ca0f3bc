import type { z } from 'zod';
import { apiErrors, type ErrorDetail, type SyncApiError } from '../../domain/errors.ts';
import { isObject } from '../odata/odata-names.ts';
import { escaped } from './printable-text.ts';

/** The rule that a value breaks, in words that go on from "it". A schema's own words come first. */
export const ruleOf: z.core.$ZodErrorMap = (issue) => {
	switch (issue.code) {
		case 'invalid_type':
			return `must be ${typeWords[issue.expected] ?? issue.expected}`;
		case 'too_small':
			return 'must not be empty';
		case 'too_big':
			return `must have at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`;
		default:
			return undefined;
	}
};

const typeWords: Readonly<Record<string, string>> = {
	string: 'a text',
	boolean: 'true or false',
	array: 'a list',
	object: 'an object',
};

/** As clients know what the schema calls otherwise. */
const clientNames: Readonly<Record<string, string>> = { kind: '@odata.type' };

/** More would help nobody. */
const maxDetails = 20;

/** One error (400) with a detail for each fault: what it is, what was sent, and what is allowed. */
export function invalidProfile(error: z.ZodError): SyncApiError {
	const details = error.issues.slice(0, maxDetails).map((issue): ErrorDetail => {
		const target = issue.path.map((part) => clientNames[String(part)] ?? String(part)).join('/');
		return { code: 'InvalidValue', target, message: faultText(target, issue) };
	});
	const more = error.issues.length > 1 ? ` There are ${error.issues.length - 1} more faults, see details.` : '';
	return apiErrors.badRequest(`The profile is not valid: ${details[0]?.message}${more}`, details);
}

function faultText(target: string, { input, path, message }: z.core.$ZodIssue): string {
	const isType = path.at(-1) === 'kind';
	const value = isType && isObject(input) ? input['@odata.type'] : input;
	const isSecret = /secret$/i.test(String(path.at(-1)));
	return `"${target}" is ${isSecret ? 'a secret' : shown(value)}, and it ${message}.`;
}

const maxShownLength = 80;

function shown(value: unknown): string {
	if (value === undefined || value === null) return 'missing';
	if (Array.isArray(value)) return value.length === 1 ? 'a list of 1 entry' : `a list of ${value.length} entries`;
	if (typeof value === 'object') return 'an object';
	const text = typeof value === 'string' ? escaped(value) : JSON.stringify(value);
	return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}
