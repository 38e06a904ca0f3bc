import type { MatchProperty, Refusal } from '../../../../domain/directory.ts';
import type { GraphRequest } from '../client/graph-request.ts';
import { type GraphScope, isRecent } from '../graph-scope.ts';
import type { Found } from '../objects/find-objects.ts';
import { filterOf, type GraphObject, objectKinds } from '../objects/object-kinds.ts';
import { type PutResult, soughtOf, type WantedObject, writeObjects } from '../objects/put-objects.ts';
import { type MatchedUser, userProperties } from './put-users.ts';

/** Writes onto users that exist already; a record that finds none, or several, is refused. */
export async function matchedUsers(
	scope: GraphScope,
	users: readonly MatchedUser[],
	country: string | undefined,
): Promise<PutResult[]> {
	const property = users[0]?.account.property ?? 'userPrincipalName';
	const values = users.map(({ account }) => account.value);
	const matches = await usersHaving(scope, { property, values });
	const results = new Map<number, PutResult>();
	for (const [at, objects] of matches.entries())
		if (objects.length !== 1)
			results.set(at, { state: 'refused', refusal: refusal(users[at] as MatchedUser, objects.length) });
	// Two records that find one user are written one after the other: the last of them counts.
	const places = [...users.keys()].filter((at) => !results.has(at));
	const byUser = new Map(places.map((at) => [matches[at]?.[0]?.id as string, at]));
	const written = [...byUser.values()];
	const wanted = written.map((at) => wantedMatch(users[at] as MatchedUser, matches[at]?.[0], country));
	const found = written.map(
		(at): Found => ({ state: 'found', object: matches[at]?.[0] as GraphObject, isRecent: false }),
	);
	const sought = await soughtOf(scope, wanted);
	// Nobody knows how old the answer to a search is, unless nothing was written lately.
	const settled = found.map((each, at) =>
		each.state === 'found'
			? {
					...each,
					isRecent: sought[at]?.anchor.objectId !== each.object.id || isRecent(scope, sought[at]?.anchor.writtenAt),
				}
			: each,
	);
	const put = await writeObjects(scope, { wanted, sought, found: settled });
	const byId = new Map([...byUser.keys()].map((id, index) => [id, put[index] as PutResult]));
	for (const at of places) results.set(at, byId.get(matches[at]?.[0]?.id as string) as PutResult);
	return users.map((_, at) => results.get(at) as PutResult);
}

function wantedMatch(user: MatchedUser, object: GraphObject | undefined, country: string | undefined): WantedObject {
	const { role: kind, externalId, externalSourceDetail: source, skuIds } = user;
	// Without a country no licence can be given.
	const isPlaced = skuIds.length === 0 || country === undefined || typeof object?.usageLocation === 'string';
	const place = isPlaced ? {} : { usageLocation: country };
	return { record: { kind, externalId, source }, body: { ...userProperties(user), ...place }, bodyOnCreate: {} };
}

function refusal({ role, account }: MatchedUser, count: number): Refusal {
	const name = role === 'student' ? 'Student' : 'Teacher';
	if (count === 0) {
		return {
			code: 'UnsynchronizableChange',
			message: `${name} cannot be updated as no matching entry in Active Directory was found for ${name}.  Verify the identity matching criteria for the profile: nobody has this ${account.property}.`,
		};
	}
	return {
		code: 'DuplicateTargetEntries',
		message: `${name} cannot be updated as ${count} entries in the directory match. Match by a property that is unique, such as userPrincipalName.`,
	};
}

/** An app that may only write rosters can look for these alone. */
const educationProperties: readonly MatchProperty[] = ['userPrincipalName', 'mail', 'mailNickname'];

/** The users that have each value, in any case; two of them are enough to know that there are several. */
export async function usersHaving(
	{ client, call }: GraphScope,
	{ property, values }: { property: MatchProperty; values: readonly string[] },
): Promise<GraphObject[][]> {
	const distinct = [...new Set(values.map((value) => value.toLowerCase()))].filter(isSearchable);
	const { path, plainPath, select } = objectKinds.student;
	const isRoster = educationProperties.includes(property);
	const fields = isRoster ? select.join() : 'id';
	const requests = distinct.map((value): GraphRequest => {
		const query = `$filter=${filterOf(property, value)}&$select=${fields}`;
		// What Entra does not index by itself it finds only when asked for an eventual answer, with a count.
		const isAdvanced = property.startsWith('onPremises');
		return isAdvanced
			? { method: 'GET', path: `${plainPath}?${query}&$count=true`, headers: { ConsistencyLevel: 'eventual' } }
			: { method: 'GET', path: `${isRoster ? path : plainPath}?${query}` };
	});
	const lists = (await client.lists(call, requests)) as (GraphObject[] | undefined)[];
	const found = isRoster ? lists : await asRosterUsers({ client, call }, lists);
	const byValue = new Map(distinct.map((value, at) => [value, found[at] ?? []]));
	return values.map((value) => byValue.get(value.toLowerCase()) ?? []);
}

/** An empty text would find nobody, and a very long one is refused. */
const isSearchable = (value: string) => value !== '' && value.length <= 256;

async function asRosterUsers(
	{ client, call }: Pick<GraphScope, 'client' | 'call'>,
	lists: readonly (readonly GraphObject[] | undefined)[],
): Promise<GraphObject[][]> {
	const ids = [...new Set(lists.flatMap((list) => (list ?? []).map(({ id }) => id)))];
	const { path, select } = objectKinds.student;
	const answers = await client.send(
		call,
		ids.map((id): GraphRequest => ({ method: 'GET', path: `${path}/${id}?$select=${select.join()}`, isNew: true })),
	);
	const byId = new Map(
		answers.flatMap(({ status, body }, at) => (status === 200 ? [[ids[at] as string, body as GraphObject]] : [])),
	);
	return lists.map((list) => (list ?? []).flatMap(({ id }) => byId.get(id) ?? []));
}
