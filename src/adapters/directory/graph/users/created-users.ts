import type { Refusal } from '../../../../domain/directory.ts';
import { nameKey } from '../../tables/directory-keys.ts';
import { type NameState, shareOut, type Wish } from '../../tables/names/name-shares.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import { isConflict } from '../graph-outcomes.ts';
import type { GraphScope } from '../graph-scope.ts';
import { type Found, findObjects, type Sought } from '../objects/find-objects.ts';
import { legalDisplayName, passwordProfile, userNickname } from '../objects/object-bodies.ts';
import { externalIdOf, type GraphObject, objectPath } from '../objects/object-kinds.ts';
import { type PutResult, soughtOf, type WantedObject, writeObjects } from '../objects/put-objects.ts';
import { usersHaving } from './matched-users.ts';
import { type CreatedUser, type UserResult, userProperties } from './put-users.ts';
import { wordsOf } from './user-names.ts';

/** A user that is to have a name; one that is yet to be made has an id for this call only. */
interface Waiting extends Wish {
	at: number;
	user: CreatedUser;
	sought: Sought;
	found: Found;
}

/** Users by their SIS ids, each with the name that it is to have. Whoever has that name and is nobody's becomes the user. */
export async function createdUsers(
	scope: GraphScope,
	users: readonly CreatedUser[],
	country: string | undefined,
): Promise<UserResult[]> {
	const sought = await soughtOf(
		scope,
		users.map((user) => wantedUser(user, undefined, country)),
	);
	const found = await findObjects(scope, sought);
	const holders = await holdersOf(scope, users, found);
	const waiting = users.map((user, at) =>
		waitingOf({ user, at, sought: sought[at] as Sought, found: found[at] as Found }, holders),
	);
	return nameAll(scope, { waiting, holders, country });
}

/** Who goes by a name, by its key. */
type Holders = ReadonlyMap<string, GraphObject>;

/** Of the names that somebody is to have, and of those that the users of the call have now. */
async function holdersOf(scope: GraphScope, users: readonly CreatedUser[], found: readonly Found[]): Promise<Holders> {
	const known = found.flatMap((each) => (each.state === 'found' ? [[keyOf(each.object), each.object] as const] : []));
	const holders = new Map(known);
	const values = users
		.map(({ account }) => account.userPrincipalName)
		.filter((name, at) => holders.get(nameKey(name))?.id !== idOf(found[at]) || idOf(found[at]) === undefined);
	for (const objects of await usersHaving(scope, { property: 'userPrincipalName', values }))
		for (const object of objects) holders.set(keyOf(object), object);
	return holders;
}

const keyOf = ({ userPrincipalName }: GraphObject) => nameKey(String(userPrincipalName));
const idOf = (found: Found | undefined) => (found?.state === 'found' ? found.object.id : undefined);

function waitingOf(one: Omit<Waiting, keyof Wish>, holders: Holders): Waiting {
	const name = one.user.account.userPrincipalName;
	const holder = holders.get(nameKey(name));
	const isAdopted = one.found.state === 'none' && holder !== undefined && isNobodys(holder);
	const found: Found = isAdopted ? { state: 'found', object: holder, isRecent: true } : one.found;
	return { ...one, found, name, id: idOf(found) ?? `new ${one.at}` };
}

const isNobodys = (user: GraphObject) =>
	externalIdOf('student', user) === '' && externalIdOf('teacher', user) === '' && (user.externalSource ?? '') !== 'sis';

interface Naming {
	waiting: readonly Waiting[];
	holders: Holders;
	country: string | undefined;
}

async function nameAll(scope: GraphScope, { waiting, holders, country }: Naming): Promise<UserResult[]> {
	const states = waiting.map(({ name }): [string, NameState] => {
		const owner = holders.get(nameKey(name))?.id;
		return [nameKey(name), { owner: owner ?? '', isShown: owner !== undefined, isReserved: false }];
	});
	const { granted, refused } = shareOut(waiting, new Map(states));
	const words = new Map([...holders.values()].map((user) => [user.id, wordsOf(user)]));
	for (const { id, user } of waiting) words.set(id, wordsOf({ id, ...userProperties(user) }));
	const results = new Map(refused.map(({ at, holder }) => [at, nameIsTaken(words.get(holder))]));
	for (const [at, result] of await writeNamed(scope, { granted, holders, country })) results.set(at, result);
	return waiting.map(({ at }) => results.get(at) as UserResult);
}

/** So far chains are followed; whoever is left then gives up the old name first. Each round takes some seconds. */
const rounds = 4;

/** Nobody gets a name before who has it has another one. */
async function writeNamed(
	scope: GraphScope,
	{ granted, holders, country }: { granted: readonly Waiting[]; holders: Holders; country: string | undefined },
): Promise<Map<number, UserResult>> {
	const results = new Map<number, UserResult>();
	const held = new Map([...holders].map(([key, { id }]) => [key, id]));
	const giveUp = (id: string) => {
		for (const [key, holder] of held) if (holder === id) held.delete(key);
	};
	const isFree = ({ id, name }: Waiting) => [undefined, id].includes(held.get(nameKey(name)));
	let open: readonly Waiting[] = granted;
	for (let round = 1; open.length > 0; round++) {
		if (round > rounds || !open.some(isFree))
			for (const { id } of await standAside(scope, blockersIn(open, held))) giveUp(id);
		const ready = open.filter(isFree);
		if (ready.length === 0) break;
		const written = await write(scope, ready, country);
		const late = ready.filter((_, index) => isNameConflict(written[index]));
		for (const [index, user] of ready.entries()) {
			const result = written[index] as PutResult;
			results.set(user.at, result);
			if (result.state !== 'written') continue;
			giveUp(user.id);
			held.set(nameKey(user.name), result.object.id);
		}
		// Somebody took the name a moment ago, or gave it up and not every replica knows.
		for (const [at, result] of await settleLate(scope, late, country)) results.set(at, result);
		open = open.filter((user) => !ready.includes(user));
	}
	for (const { at } of open) results.set(at, nameIsTaken(undefined));
	return results;
}

const isNameConflict = (result: PutResult | undefined) =>
	result?.state === 'refused' && result.answer !== undefined && isConflict(result.answer, 'userPrincipalName');

/** Those whose names others wait for. */
function blockersIn(open: readonly Waiting[], held: ReadonlyMap<string, string>): Waiting[] {
	const blocking = new Set(open.map(({ name }) => held.get(nameKey(name))));
	return open.filter(({ id, name }) => blocking.has(id) && held.get(nameKey(name)) !== id);
}

function write(scope: GraphScope, granted: readonly Waiting[], country: string | undefined): Promise<PutResult[]> {
	return writeObjects(scope, {
		wanted: granted.map(({ user, found }) => wantedUser(user, found, country)),
		sought: granted.map(({ sought }) => sought),
		found: granted.map(({ found }) => found),
	});
}

/** Pauses in which replicas come to agree, and other calls to an end. */
const latePausesMs = [1_000, 3_000, 6_000] as const;

async function settleLate(
	scope: GraphScope,
	late: readonly Waiting[],
	country: string | undefined,
): Promise<Map<number, UserResult>> {
	const results = new Map<number, UserResult>();
	let open = late;
	for (const pauseMs of latePausesMs) {
		if (open.length === 0) break;
		await scope.clock.sleep(pauseMs, scope.call.signal);
		const values = open.map(({ name }) => name);
		const holders = await usersHaving(scope, { property: 'userPrincipalName', values });
		const free: Waiting[] = [];
		for (const [index, user] of open.entries()) {
			const holder = holders[index]?.[0];
			const isSelf = holder !== undefined && externalIdOf(user.user.role, holder) === user.user.externalId;
			if (holder === undefined || holder.id === user.id) free.push(user);
			else if (isSelf && idOf(user.found) === undefined)
				free.push({ ...user, id: holder.id, found: { state: 'found', object: holder, isRecent: true } });
			else results.set(user.at, nameIsTaken(wordsOf(holder)));
		}
		const written = await write(scope, free, country);
		for (const [index, { at }] of free.entries()) results.set(at, written[index] as PutResult);
		const done = new Set(free.filter((_, index) => !isNameConflict(written[index])).map(({ at }) => at));
		open = open.filter(({ at }) => !done.has(at));
	}
	// Whoever has it is none of those that a search finds.
	const deleted = 'a user who was deleted, and can be restored or deleted for good';
	for (const { at } of open) if (isNameConflict(results.get(at))) results.set(at, nameIsTaken(deleted));
	return results;
}

/** Gives each a name that nobody else can have, and its old one up; answers those who have it. */
async function standAside({ client, call }: GraphScope, movers: readonly Waiting[]): Promise<Waiting[]> {
	const answers = await client.send(
		call,
		movers.map(({ id, name, user }): GraphRequest => {
			const userPrincipalName = `renaming-${id}@${name.split('@')[1] ?? 'invalid'}`;
			return { method: 'PATCH', path: objectPath(user.role, id), body: { userPrincipalName }, isNew: true };
		}),
	);
	return movers.filter((_, at) => isOk(answers[at] as GraphAnswer));
}

function wantedUser(user: CreatedUser, found: Found | undefined, country: string | undefined): WantedObject {
	const { role: kind, externalId, externalSourceDetail: source, account, updatesDisplayName, skuIds } = user;
	const displayName = legalDisplayName(account.displayName);
	const { userPrincipalName } = account;
	const object = found?.state === 'found' ? found.object : undefined;
	const isPlaced = skuIds.length === 0 || country === undefined || typeof object?.usageLocation === 'string';
	const names = { userPrincipalName, mailNickname: userNickname(userPrincipalName) };
	return {
		record: { kind, externalId, source },
		body: {
			...userProperties(user),
			...(object?.userPrincipalName === userPrincipalName ? {} : names),
			...(updatesDisplayName ? { displayName } : {}),
			// Without it no licence can be given.
			...(isPlaced ? {} : { usageLocation: country }),
		},
		bodyOnCreate: { ...names, displayName, accountEnabled: true, passwordProfile: passwordProfile(account) },
	};
}

/** In Graph's words, and then in ours. https://learn.microsoft.com/graph/api/user-post-users */
function nameIsTaken(holder: string | undefined): UserResult {
	const refusal: Refusal = {
		code: 'AzureActiveDirectoryInvalidPropertyValue',
		message: `Another object with the same value for property userPrincipalName already exists.${holder ? ` It belongs to ${holder}.` : ''} Give the record another username, or correct the one that has it.`,
	};
	return { state: 'refused', refusal, isNameTaken: true };
}
