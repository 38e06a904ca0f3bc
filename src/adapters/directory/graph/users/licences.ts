import type { DirectoryUser, Refusal } from '../../../../domain/directory.ts';
import { type GraphAnswer, type GraphRequest, isOk } from '../client/graph-request.ts';
import { refusalOf } from '../graph-outcomes.ts';
import type { GraphScope } from '../graph-scope.ts';
import type { PutResult, Written } from '../objects/put-objects.ts';

export interface Licensed {
	changed: boolean;
	incomplete?: Refusal;
}

interface Licensing {
	at: number;
	user: DirectoryUser;
	written: Written;
	add: readonly string[];
	remove: readonly string[];
	incomplete?: Refusal;
}

/**
 * The licences that users are to have; whoever is to have none keeps what it has. Only those that were given on behalf of the same record
 * are taken away again: what an administrator gave stays. By place in the call.
 */
export async function giveLicences(
	scope: GraphScope,
	users: readonly DirectoryUser[],
	results: readonly PutResult[],
): Promise<ReadonlyMap<number, Licensed>> {
	if (users.every(({ skuIds }) => skuIds.length === 0)) return new Map();
	const known = await scope.facts.skuIds(scope.call);
	const licensing = results.flatMap((result, at) => {
		const user = users[at] as DirectoryUser;
		return result.state === 'written' && user.skuIds.length > 0
			? [licensingOf(known, { at, user, written: result })]
			: [];
	});
	const asked = licensing.filter(({ add, remove }) => add.length + remove.length > 0);
	const answers = await scope.client.send(
		scope.call,
		asked.map(({ written: { object }, add, remove }): GraphRequest => {
			const addLicenses = add.map((skuId) => ({ skuId, disabledPlans: [] }));
			const body = { addLicenses, removeLicenses: remove };
			return { method: 'POST', path: `/users/${object.id}/assignLicense`, body, isNew: true };
		}),
	);
	const given = asked.filter((_, at) => isOk(answers[at] as GraphAnswer));
	await scope.anchors.remember(
		scope.tenantId,
		given.map(({ user: { role: kind, externalId, externalSourceDetail: source }, written, add, remove }) => {
			const before = written.anchor.skuIds.filter((id) => !remove.includes(id));
			return { kind, externalId, source, objectId: written.object.id, skuIds: [...new Set([...before, ...add])] };
		}),
	);
	const refused = new Map(asked.map((each, at) => [each, answers[at] as GraphAnswer]));
	return new Map(
		licensing.map((each) => {
			const answer = refused.get(each);
			const isRefused = answer !== undefined && !isOk(answer);
			const incomplete = isRefused ? notLicensed(refusalOf(answer)) : each.incomplete;
			return [each.at, { changed: answer !== undefined && !isRefused, ...(incomplete ? { incomplete } : {}) }];
		}),
	);
}

function licensingOf(
	known: ReadonlyMap<string, string>,
	{ at, user, written }: Pick<Licensing, 'at' | 'user' | 'written'>,
): Licensing {
	const unknown = user.skuIds.filter((name) => !known.has(name.toLowerCase()));
	const wanted = user.skuIds.flatMap((name) => known.get(name.toLowerCase()) ?? []);
	const present = assignedTo(written);
	const add = wanted.filter((id) => !present.includes(id));
	const remove = written.anchor.skuIds.filter((id) => !wanted.includes(id) && present.includes(id));
	const incomplete = unknown.length > 0 ? { incomplete: unknownLicence(unknown) } : {};
	return { at, user, written, add, remove, ...incomplete };
}

const assignedTo = ({ object: { assignedLicenses } }: Written): string[] =>
	(Array.isArray(assignedLicenses) ? assignedLicenses : []).map(({ skuId }: { skuId: string }) => skuId);

const unknownLicence = (names: readonly string[]): Refusal => ({
	code: 'AzureActiveDirectoryInvalidLicense',
	message: `The user is there, but without licences: the tenant has no subscription "${names.join('", "')}". Correct the licences of the profile, or buy it.`,
});

const notLicensed = ({ code, message }: Refusal): Refusal => ({
	code: code === 'AzureActiveDirectoryInvalidUserUsageLocation' ? code : 'AzureActiveDirectoryInvalidLicense',
	message: `The user is there, but without all of its licences: ${message}`,
});
