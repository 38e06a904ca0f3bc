/**
 * The same resources as clients of 2017 know them: type names in lower case, enum members as the pages of a root print them, and the
 * names that the first generation had for times, status and identity, beside the later ones.
 * https://github.com/OfficeDev/O365-EDU-Tools, `SDSProfileManagementDocs` in its history
 */

/** Members whose value is an enum member. Free text has other names. */
const enumMembers: ReadonlySet<string> = new Set(['state', 'status', 'syncStatus', 'errorStatus', 'appliesTo']);

/** Statuses that came later; to a client of 2017 the sync is under way. */
const laterStatuses: ReadonlySet<string> = new Set(['unknownFutureValue', 'extracting', 'validating']);

/** Members that only the first generation spelled otherwise: the new name, and the old one beside it. */
const olderNames: readonly (readonly [marker: string, name: string, olderName: string])[] = [
	['statusMessage', 'status', 'syncStatus'],
	['statusMessage', 'lastSynchronizationDateTime', 'lastSynchronizationTime'],
	['reportableIdentifier', 'recordedDateTime', 'recordedTime'],
	['identitySynchronizationConfiguration', 'identitySynchronizationConfiguration', 'identitySyncConfiguration'],
];

export type EnumCase = 'pascal' | 'camel';

/** The pages of July and October print the roots `testsds` and `testEduApi`, with camelCase; that of December has PascalCase. */
export function enumCaseOf(rootPath: string): EnumCase {
	return /^\/(testsds|testeduapi)(\/|$)/i.test(rootPath) ? 'camel' : 'pascal';
}

/** Any JSON value of the Graph dialect in that of 2017. */
export function in2017Dialect(json: unknown, enumCase: EnumCase = 'pascal'): unknown {
	if (Array.isArray(json)) return json.map((each) => in2017Dialect(each, enumCase));
	if (typeof json !== 'object' || json === null) return json;
	const translated = Object.fromEntries(
		Object.entries(json).map(([name, value]) => [name, memberValue(name, value, enumCase)]),
	);
	for (const [marker, name, olderName] of olderNames)
		if (marker in translated && name in translated) translated[olderName] = translated[name];
	// What the service set up beside the directory in July 2017; nothing does so any more.
	if ('identitySyncConfiguration' in translated) translated.servicesToSetup = [];
	return translated;
}

function memberValue(name: string, value: unknown, enumCase: EnumCase): unknown {
	if (typeof value !== 'string') return in2017Dialect(value, enumCase);
	if (name === '@odata.type') return value.replace(/[^.]*$/, (typeName) => typeName.toLowerCase());
	if (!enumMembers.has(name)) return value;
	const known = laterStatuses.has(value) ? 'inProgress' : value;
	return enumCase === 'camel' ? known : known.charAt(0).toUpperCase() + known.slice(1);
}
