import { profileProperties } from '../profile/properties.ts';
import { isOlderPlace, isSetting, type PropertyTable, wireNameOf } from '../profile/property.ts';

/**
 * The same resources as clients of 2017 know them: type names in lower case, enum members as the pages of a root print them, and the
 * names that the first generation had for times, status and identity, beside the later ones.
 * https://github.com/OfficeDev/O365-EDU-Tools, `SDSProfileManagementDocs` in its history
 */

/** How the members of one dialect are found in the other. */
interface Dialect {
	/** Members whose value is an enum member. Free text has other names. */
	enumMembers: ReadonlySet<string>;
	olderNames: readonly OlderName[];
}

/** A member that only the first generation spelled otherwise: the new name, and the old one beside it. */
type OlderName = readonly [marker: string, name: string, olderName: string];

/** Of a profile with these properties, its status and its errors. */
export function dialectOf(table: PropertyTable): Dialect {
	const named = Object.entries(table).map(([key, property]) => [wireNameOf(key, property), property] as const);
	const enums = named.filter(([, property]) => !isOlderPlace(property) && property.query === 'enum');
	const renamed = named.flatMap(([name, property]): OlderName[] =>
		isSetting(property) && property.nameOf2017 ? [[name, name, property.nameOf2017]] : [],
	);
	return {
		enumMembers: new Set([...enums.map(([name]) => name), 'status', 'appliesTo']),
		olderNames: [
			['statusMessage', 'status', 'syncStatus'],
			['statusMessage', 'lastSynchronizationDateTime', 'lastSynchronizationTime'],
			['reportableIdentifier', 'recordedDateTime', 'recordedTime'],
			...renamed,
		],
	};
}

const ownDialect = dialectOf(profileProperties);

/** Statuses that came later; to a client of 2017 the sync is under way. */
const laterStatuses: ReadonlySet<string> = new Set(['unknownFutureValue', 'extracting', 'validating']);

export type EnumCase = 'pascal' | 'camel';

/** The pages of July and October print the roots `testsds` and `testEduApi`, with camelCase; that of December has PascalCase. */
export function enumCaseOf(rootPath: string): EnumCase {
	return /^\/(testsds|testeduapi)(\/|$)/i.test(rootPath) ? 'camel' : 'pascal';
}

/** Any JSON value of the Graph dialect in that of 2017. */
export function in2017Dialect(json: unknown, enumCase: EnumCase = 'pascal', dialect: Dialect = ownDialect): unknown {
	if (Array.isArray(json)) return json.map((each) => in2017Dialect(each, enumCase, dialect));
	if (typeof json !== 'object' || json === null) return json;
	const translated = Object.fromEntries(
		Object.entries(json).map(([name, value]) => {
			if (typeof value !== 'string') return [name, in2017Dialect(value, enumCase, dialect)];
			if (name === '@odata.type') return [name, value.replace(/[^.]*$/, (typeName) => typeName.toLowerCase())];
			return [name, dialect.enumMembers.has(name) ? enumMember(value, enumCase) : value];
		}),
	);
	for (const [marker, name, olderName] of dialect.olderNames)
		if (marker in translated && name in translated) translated[olderName] = translated[name];
	// What the service set up beside the directory in July 2017; nothing does so any more.
	if ('identitySyncConfiguration' in translated) translated.servicesToSetup = [];
	return translated;
}

function enumMember(value: string, enumCase: EnumCase): string {
	const known = laterStatuses.has(value) ? 'inProgress' : value;
	return enumCase === 'camel' ? known : known.charAt(0).toUpperCase() + known.slice(1);
}
