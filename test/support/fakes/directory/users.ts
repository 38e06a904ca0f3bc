import type { DirectoryUser, GraphAttributes, MatchProperty, WriteOutcome } from '../../../../src/domain/directory.ts';
import type { FakeAnchors } from './anchors.ts';
import { FakeNames } from './names.ts';
import type { FakeObject, FakeObjects } from './objects.ts';

interface UserScope {
	objects: FakeObjects;
	anchors: FakeAnchors;
	tenantId: string;
}

/** Writes onto the accounts of a tenant, all of which are created or all of which are matched. */
export function putUsers(scope: UserScope, wanted: readonly DirectoryUser[]): WriteOutcome[] {
	const users = { ...scope, names: namesOf(scope.objects, scope.tenantId) };
	return wanted.every(({ account }) => account.mode === 'create') ? create(users, wanted) : match(users, wanted);
}

/** One for each value, if exactly one user has it. */
export function usersNamed(
	objects: FakeObjects,
	tenantId: string,
	{ property, values }: { property: MatchProperty; values: readonly string[] },
): (string | undefined)[] {
	const names = namesOf(objects, tenantId);
	return values.map((value) => {
		const owners = isKnown(property) ? ownersOf(names, property, value) : [];
		return owners.length === 1 ? owners[0] : undefined;
	});
}

function namesOf(objects: FakeObjects, tenantId: string): FakeNames {
	const own = [...objects.all.values()].filter((user) => user.tenantId === tenantId);
	return new FakeNames(own.map(({ id, userPrincipalName = '' }) => ({ id, name: userPrincipalName })));
}

const isKnown = (property: MatchProperty) => ['userPrincipalName', 'mail', 'mailNickname'].includes(property);

function ownersOf(names: FakeNames, property: MatchProperty, value: string): string[] {
	const isNickname = property === 'mailNickname';
	return names.ownersOf((name) => (isNickname ? name.split('@')[0] : name) === value.toLowerCase());
}

interface FakeUsers extends UserScope {
	names: FakeNames;
}

function create({ objects, anchors, tenantId, names }: FakeUsers, wanted: readonly DirectoryUser[]): WriteOutcome[] {
	const claims = wanted.map((user) => ({
		id: anchors.idOf(tenantId, user.role, user),
		name: createdAs(user).userPrincipalName,
	}));
	const holders = names.change(claims);
	for (const [at, user] of wanted.entries()) {
		const { id, name } = claims[at] as (typeof claims)[number];
		if (holders[at] !== undefined) continue;
		const { displayName } = createdAs(user);
		const named = { userPrincipalName: name, mail: name, mailNickname: name.split('@')[0] as string };
		const properties = { ...propertiesOf(user), ...named, ...(objects.all.has(id) ? {} : { accountEnabled: true }) };
		objects.put(tenantId, id, { ...user, displayName, properties, userPrincipalName: name });
	}
	return claims.map(({ id }, at) => {
		const holder = holders[at];
		return holder === undefined ? written(id) : nameIsTaken(objects.all.get(holder));
	});
}

function match({ objects, tenantId, names }: FakeUsers, wanted: readonly DirectoryUser[]): WriteOutcome[] {
	return wanted.map((user): WriteOutcome => {
		const { property, value } = matchedBy(user);
		if (!isKnown(property)) return refused('UnsynchronizableChange', `Nobody can be found by ${property}.`);
		const [id, ...others] = ownersOf(names, property, value);
		if (id === undefined) return refused('UnsynchronizableChange', 'Nobody matches.');
		if (others.length > 0) return refused('DuplicateTargetEntries', 'Several match.');
		const { displayName } = objects.all.get(id) as FakeObject;
		objects.put(tenantId, id, { ...user, displayName, properties: propertiesOf(user) });
		return written(id);
	});
}

export const written = (id: string): WriteOutcome => ({ ok: true, id, changed: true });

type Refusal = Extract<WriteOutcome, { ok: false }>;

const refused = (code: Refusal['code'], message: string): Refusal => ({ ok: false, code, message });

function createdAs({ account }: DirectoryUser) {
	if (account.mode === 'create') return account;
	throw new Error('Cannot create a user that is to be matched.');
}

function matchedBy({ account }: DirectoryUser) {
	if (account.mode === 'match') return account;
	throw new Error('Cannot match a user that is to be created.');
}

function propertiesOf({ role, externalId, skuIds }: DirectoryUser): GraphAttributes {
	const assignedLicenses = skuIds.map((skuId) => ({ skuId, disabledPlans: [] }));
	return { primaryRole: role, [role]: { externalId }, ...(skuIds.length > 0 ? { assignedLicenses } : {}) };
}

function nameIsTaken(holder: FakeObject | undefined): Refusal {
	const { role, externalId, attributes } = holder as FakeObject;
	const who = `${role} "${externalId}" of profile "${attributes.externalSourceDetail}"`;
	const message = `The userPrincipalName already exists. It belongs to ${who}. Give the record another username.`;
	return { ...refused('AzureActiveDirectoryInvalidPropertyValue', message), isNameTaken: true };
}
