import type { GraphClient } from '../client/graph-client.ts';
import type { GraphRequest } from '../client/graph-request.ts';

/** Links that a request takes. https://learn.microsoft.com/graph/api/group-post-members */
export const maxLinks = 20;

/** How the members of a class or school are read and changed. */
export interface GroupEndpoints {
	/** Beside members, a class has teachers: they own its group. */
	hasTeachers: boolean;
	members(groupId: string): GraphRequest;
	teachers(groupId: string): GraphRequest;
	add(groupId: string, as: 'member' | 'teacher', userId: string): GraphRequest;
	remove(groupId: string, as: 'member' | 'teacher', userId: string): GraphRequest;
	/** All of them or none; undefined where there is no such request. */
	addMany(groupId: string, userIds: readonly string[]): GraphRequest | undefined;
}

const page = '$select=id,primaryRole&$top=999';

export function classEndpoints(client: GraphClient, packs: boolean): GroupEndpoints {
	const path = (groupId: string, as: 'member' | 'teacher') =>
		`/education/classes/${encodeURIComponent(groupId)}/${as === 'member' ? 'members' : 'teachers'}`;
	return {
		hasTeachers: true,
		members: (groupId) => ({ method: 'GET', path: `${path(groupId, 'member')}?${page}` }),
		teachers: (groupId) => ({ method: 'GET', path: `${path(groupId, 'teacher')}?${page}` }),
		...references(client, path),
		addMany: (groupId, userIds) =>
			packs && userIds.length > 1
				? {
						method: 'PATCH',
						path: `/groups/${encodeURIComponent(groupId)}`,
						body: { 'members@odata.bind': userIds.map((id) => client.referTo(`/directoryObjects/${id}`)['@odata.id']) },
					}
				: undefined,
	};
}

/** An administrative unit takes its members one by one. */
export function schoolEndpoints(client: GraphClient): GroupEndpoints {
	const path = (groupId: string) => `/education/schools/${encodeURIComponent(groupId)}/users`;
	const members = (groupId: string): GraphRequest => ({ method: 'GET', path: `${path(groupId)}?${page}` });
	return { hasTeachers: false, members, teachers: members, ...references(client, path), addMany: () => undefined };
}

function references(client: GraphClient, path: (groupId: string, as: 'member' | 'teacher') => string) {
	return {
		add: (groupId: string, as: 'member' | 'teacher', userId: string): GraphRequest => ({
			method: 'POST',
			path: `${path(groupId, as)}/$ref`,
			body: client.referTo(`/education/users/${userId}`),
			isNew: true,
		}),
		remove: (groupId: string, as: 'member' | 'teacher', userId: string): GraphRequest => ({
			method: 'DELETE',
			path: `${path(groupId, as)}/${encodeURIComponent(userId)}/$ref`,
		}),
	};
}
