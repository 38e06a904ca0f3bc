import { type DirectoryObject, type Properties, valueAt } from '../model/directory-object.ts';
import { type ResourceType, ruleOf } from '../model/property-rules.ts';

/** The object as a client of the type sees it; without `select`, with the properties that the type shows by itself. */
export function viewOf(object: DirectoryObject, type: ResourceType, select?: readonly string[]): Properties {
	const names = select ?? Object.keys(type.properties).filter((name) => !type.properties[name]?.isHidden);
	const shown: Properties = { id: object.id };
	for (const name of names) {
		const rule = ruleOf(type, name);
		if (rule?.access === 'writeOnly') continue;
		const isList = rule?.type === 'strings' || rule?.type === 'objects';
		const value = valueAt(object, name);
		// Extensions that an object does not have are left out; other properties are null.
		if (value !== undefined || type.properties[name]) shown[name] = value ?? (isList ? [] : null);
	}
	return shown;
}
