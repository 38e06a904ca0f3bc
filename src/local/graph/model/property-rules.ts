import { graphErrors } from '../graph-errors.ts';
import type { Properties } from './directory-object.ts';

/** What a property may hold, and when it may be written. */
export interface PropertyRule {
	type: 'string' | 'boolean' | 'strings' | 'object' | 'objects';
	/** Needed for a new object, and never cleared. */
	isRequired?: true;
	maxLength?: number;
	maxItems?: number;
	values?: readonly string[];
	pattern?: RegExp;
	access?: 'readOnly' | 'createOnly' | 'writeOnly';
	/** Shown only if `$select` names it. */
	isHidden?: true;
	/** Filters by it need the slow index, even for equality. */
	isFoundByIndexOnly?: true;
	/** Of an `object`. */
	properties?: PropertyRules;
}

export type PropertyRules = Readonly<Record<string, PropertyRule>>;

/** A type of Graph as a client sees it. */
export interface ResourceType {
	/** As error messages name it. */
	name: string;
	properties: PropertyRules;
	/** Its objects may have the attributes that School Data Sync wrote, and others of the kind. */
	isExtensible: boolean;
}

const extensionPattern = /^extension_[0-9a-f]{32}_\w+$/i;
/** Limits of directory extensions: characters of a text, and values of an object. */
const maxExtensionLength = 256;
const maxExtensionValues = 100;
const extensionRule: PropertyRule = { type: 'string', maxLength: maxExtensionLength, isHidden: true };

/** Undefined for what the type does not have. */
export function ruleOf(type: ResourceType, name: string): PropertyRule | undefined {
	if (Object.hasOwn(type.properties, name)) return type.properties[name];
	return type.isExtensible && extensionPattern.test(name) ? extensionRule : undefined;
}

/** Throws unless a new object may begin with these properties. */
export function checkNew(type: ResourceType, properties: Properties): void {
	for (const [name, rule] of Object.entries(type.properties)) {
		if (rule.isRequired && (properties[name] ?? null) === null) throw graphErrors.missingValue(name, type.name);
	}
	checkAll(type, properties, 'create');
	checkExtensions(properties);
}

/** What the object holds after the change, for the properties that the change names; throws if it must not. */
export function checkedChange(type: ResourceType, present: Properties, change: Properties): Properties {
	checkAll(type, change, 'update');
	const after = Object.entries(change).map(([name, value]) => [
		name,
		ruleOf(type, name)?.type === 'object' ? mergedValue(present[name], value) : value,
	]);
	const changed = Object.fromEntries(after) as Properties;
	checkExtensions({ ...present, ...changed });
	return changed;
}

/** A change of a complex value leaves its other members as they are. */
function mergedValue(present: unknown, change: unknown): unknown {
	return change === null ? null : { ...(present as object | undefined), ...(change as object) };
}

function checkAll(type: ResourceType, properties: Properties, action: 'create' | 'update'): void {
	for (const [name, value] of Object.entries(properties)) {
		const rule = ruleOf(type, name);
		if (!rule) throw graphErrors.unknownProperty(name, type.name);
		if (rule.access === 'readOnly' || (rule.access === 'createOnly' && action === 'update')) {
			throw graphErrors.badRequest(`Property '${name}' of resource '${type.name}' cannot be ${action}d.`);
		}
		checkValue({ rule, name, resource: type.name }, value);
	}
}

interface Place {
	rule: PropertyRule;
	name: string;
	resource: string;
}

function checkValue(place: Place, value: unknown): void {
	const { rule, name, resource } = place;
	if (value === null) {
		if (rule.isRequired) throw graphErrors.missingValue(name, resource);
	} else if (!hasType(rule, value)) {
		throw graphErrors.invalidValue(name, resource);
	} else if (typeof value === 'string') {
		checkText(place, value);
	} else if (rule.properties) {
		checkMembers(place, rule.properties, value as Properties);
	}
}

function hasType({ type, maxItems = Number.POSITIVE_INFINITY }: PropertyRule, value: unknown): boolean {
	if (type === 'strings') {
		return Array.isArray(value) && value.length <= maxItems && value.every((item) => typeof item === 'string');
	}
	if (type === 'objects') return Array.isArray(value);
	return typeof value === type && !Array.isArray(value);
}

function checkText({ rule, name, resource }: Place, text: string): void {
	const { maxLength, values, pattern } = rule;
	if (maxLength !== undefined && text.length > maxLength) throw graphErrors.tooLong(name, { resource, maxLength });
	const isRefused = (values && !values.includes(text)) || (pattern && !pattern.test(text));
	if (isRefused || (rule.isRequired && text === '')) throw graphErrors.invalidValue(name, resource);
}

function checkMembers({ name, resource }: Place, properties: PropertyRules, value: Properties): void {
	for (const [member, memberValue] of Object.entries(value)) {
		const rule = Object.hasOwn(properties, member) ? properties[member] : undefined;
		const place = `${name}/${member}`;
		if (!rule) throw graphErrors.unknownProperty(place, resource);
		checkValue({ rule, name: place, resource }, memberValue);
	}
}

function checkExtensions(properties: Properties): void {
	const names = Object.keys(properties).filter((name) => extensionPattern.test(name) && properties[name] !== null);
	if (names.length > maxExtensionValues) {
		throw graphErrors.badRequest(`An object cannot have more than ${maxExtensionValues} extension values.`);
	}
}
