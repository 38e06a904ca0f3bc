/**
 * The same resources as clients of 2017 know them: enum members in PascalCase, type names in lower case, and the names that the
 * first generation had for times and status.
 */

/** Members whose value is an enum member. Free text has other names. */
const enumMembers: ReadonlySet<string> = new Set(['state', 'status', 'syncStatus', 'errorStatus', 'appliesTo']);

/** Statuses that came later; to a client of 2017 the sync is under way. */
const laterStatuses: ReadonlySet<string> = new Set(['unknownFutureValue', 'extracting', 'validating']);

/** Resources that only the first generation spelled otherwise: the new name, and the old one beside it. */
const olderNames: readonly (readonly [marker: string, name: string, olderName: string])[] = [
	['statusMessage', 'status', 'syncStatus'],
	['statusMessage', 'lastSynchronizationDateTime', 'lastSynchronizationTime'],
	['reportableIdentifier', 'recordedDateTime', 'recordedTime'],
];

/** Any JSON value of the Graph dialect in that of 2017. */
export function in2017Dialect(json: unknown): unknown {
	if (Array.isArray(json)) return json.map(in2017Dialect);
	if (typeof json !== 'object' || json === null) return json;
	const translated = Object.fromEntries(Object.entries(json).map(([name, value]) => [name, memberValue(name, value)]));
	for (const [marker, name, olderName] of olderNames)
		if (marker in translated && name in translated) translated[olderName] = translated[name];
	return translated;
}

function memberValue(name: string, value: unknown): unknown {
	if (typeof value !== 'string') return in2017Dialect(value);
	if (name === '@odata.type') return value.replace(/[^.]*$/, (typeName) => typeName.toLowerCase());
	if (!enumMembers.has(name)) return value;
	const known = laterStatuses.has(value) ? 'inProgress' : value;
	return known.charAt(0).toUpperCase() + known.slice(1);
}
