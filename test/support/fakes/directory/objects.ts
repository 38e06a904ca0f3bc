import type {
	GraphAttributes,
	GraphValue,
	ObjectDescription,
	RekeyedObject,
} from '../../../../src/domain/directory.ts';

export interface FakeObject {
	id: string;
	tenantId: string;
	externalId: string;
	displayName: string;
	/** What else it shows, in the shape of Graph. */
	attributes: Record<string, GraphValue>;
	/** Of a class; a directory id. */
	schoolId?: string;
	role?: 'student' | 'teacher';
	userPrincipalName?: string;
}

interface PutObject extends Pick<FakeObject, 'externalId' | 'role' | 'userPrincipalName' | 'schoolId'> {
	externalSourceDetail: string;
	displayName: string;
	updatesDisplayName: boolean;
	attributes: GraphAttributes;
	/** Further ones, that are not the profile's to say. */
	properties: GraphAttributes;
}

/** Objects of one kind. */
export interface FakeObjects {
	/** By directory id. */
	all: ReadonlyMap<string, FakeObject>;
	/** Creates the object, or merges into it. */
	put(tenantId: string, id: string, wanted: PutObject): void;
	/** The object shows under which SIS id it is now; nothing if it is not there. */
	rekey(tenantId: string, id: string, now: { kind: RekeyedObject['kind']; externalId: string }): void;
}

export function fakeObjects(): FakeObjects {
	const all = new Map<string, FakeObject>();
	return {
		all,
		put(tenantId, id, wanted) {
			const { externalId, externalSourceDetail, displayName, updatesDisplayName } = wanted;
			const { role, schoolId, userPrincipalName } = wanted;
			const old = all.get(id);
			const ours = { externalId, externalSource: 'sis', externalSourceDetail, ...wanted.properties };
			all.set(id, {
				...old,
				id,
				tenantId,
				externalId,
				displayName: old && !updatesDisplayName ? old.displayName : displayName,
				attributes: mergedProperties(mergedProperties(old?.attributes ?? {}, wanted.attributes), ours),
				...(role ? { role } : {}),
				...(schoolId === undefined ? {} : { schoolId }),
				...(userPrincipalName === undefined ? {} : { userPrincipalName }),
			});
		},
		rekey(tenantId, id, { kind, externalId }) {
			const old = all.get(id);
			if (old?.tenantId !== tenantId) return;
			const shown = isUser(kind) ? { externalId, [kind]: { externalId } } : { externalId };
			all.set(id, { ...old, externalId, attributes: mergedProperties(old.attributes, shown) });
		},
	};
}

const isUser = (kind: RekeyedObject['kind']) => kind === 'student' || kind === 'teacher';

export function describedObject(kind: RekeyedObject['kind'], object: FakeObject): ObjectDescription {
	const { displayName, attributes, schoolId } = object;
	const { givenName, surname, externalName = displayName, externalSourceDetail } = attributes;
	const source = typeof externalSourceDetail === 'string' ? { externalSourceDetail } : {};
	if (isUser(kind)) {
		const own = attributes[kind];
		const sisId = isNested(own) && typeof own.externalId === 'string' ? { externalId: own.externalId } : {};
		return { name: [givenName, surname].filter((part) => part !== undefined).join(' '), ...sisId, ...source };
	}
	const { externalId } = object;
	return { name: String(externalName), ...(schoolId === undefined ? {} : { schoolId }), externalId, ...source };
}

const isNested = (value: GraphValue | undefined): value is { readonly [name: string]: GraphValue } =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Property by property, also within a nested object; one that is cleared is gone. */
function mergedProperties(old: GraphAttributes, changes: GraphAttributes): Record<string, GraphValue> {
	const merged: Record<string, GraphValue> = { ...old };
	for (const [name, value] of Object.entries(changes)) {
		const before = merged[name];
		if (isNested(value)) merged[name] = mergedProperties(isNested(before) ? before : {}, value);
		else if (value === null) delete merged[name];
		else merged[name] = structuredClone(value);
	}
	return merged;
}
